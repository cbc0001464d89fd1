/** Scene 1: dawn in a drying harbour. The water goes, and the boat stays. */
import { Img, useCurrentFrame } from 'remotion';
import harbour from '../images/harbour.webp';
import boat from '../shared/boat.svg';
import { Headline } from '../shared/headline.tsx';
import { type SceneProps, Stage } from '../shared/stage.tsx';
import { between, color, drift, font, mix } from '../shared/theme.ts';
import { Water } from '../shared/water.tsx';

const HIGH = 486;
const LOW = 676;
/** Where the keel finds the ground: the boat's waterline cannot sink below this. */
const GROUNDED = 584;
const STAFF = { x: 1052, top: 476, bottom: 684, metres: 6 };

export default function Ebb({ filmFrame }: SceneProps) {
  const frame = useCurrentFrame();
  const level = mix(HIGH, LOW, between(frame, 12, 112, drift));
  const push = 1.06 - 0.06 * between(frame, 0, 130, (t) => t);
  return (
    <Stage filmFrame={filmFrame}>
      <div style={{ position: 'absolute', inset: 0, transform: `scale(${push})`, transformOrigin: '50% 70%' }}>
        <Img src={harbour} style={{ position: 'absolute', width: 1280, height: 720 }} />
        <Flats />
        <Boat level={level} frame={frame} />
        <Water level={level} tints={['#86a7a5', '#0c3e55']} opacity={0.9} />
        <Quay level={level} />
      </div>
      <Headline
        lines={['Twice a day,', 'the sea leaves.']}
        at={14}
        size={96}
        tint={color.paper}
        style={{ left: 84, top: 84 }}
      />
    </Stage>
  );
}

/** The ground of the harbour, hidden at high water. */
function Flats() {
  const ripples = Array.from({ length: 15 }, (_, index) => ({
    y: 512 + index * 14 + index * index * 0.25,
    bend: Math.sin(index * 2.1) * 60,
  }));
  return (
    <svg width="1280" height="720" viewBox="0 0 1280 720" style={{ position: 'absolute' }} aria-hidden>
      <defs>
        <linearGradient id="flats" x2="0" y2="1">
          <stop offset="0" stopColor="#c9a77f" />
          <stop offset="0.45" stopColor="#8f7a68" />
          <stop offset="1" stopColor="#4a4c50" />
        </linearGradient>
      </defs>
      <path d="M0,500 C220,486 420,492 640,494 S1000,486 1280,480 L1280,720 L0,720 Z" fill="url(#flats)" />
      <path
        d="M640,494 C560,530 760,560 660,600 S420,660 520,720 L800,720 C700,650 840,620 800,580 S640,540 690,494 Z"
        fill="#e8c79a"
        opacity=".35"
      />
      {ripples.map(({ y, bend }) => (
        <path
          key={y}
          d={`M${-40 + bend},${y} C${240 + bend},${y - 12} ${520 - bend},${y + 14} ${820 + bend},${y} S1200,${y - 8} 1320,${y + 4}`}
          fill="none"
          stroke="#2f3a44"
          strokeWidth={1 + (y - 500) / 120}
          strokeDasharray={`${120 + bend} ${60 + Math.abs(bend)}`}
          opacity={0.22}
        />
      ))}
    </svg>
  );
}

function Boat({ level, frame }: { level: number; frame: number }) {
  const waterline = Math.min(level, GROUNDED) + Math.sin(frame * 0.11) * (level < GROUNDED ? 2.5 : 0);
  const aground = between(level, GROUNDED, LOW, drift);
  const roll = Math.sin(frame * 0.09) * 1.3 * (1 - aground) + 15 * aground;
  return (
    <>
      <div
        style={{
          position: 'absolute',
          left: 470,
          top: GROUNDED + 46,
          width: 280,
          height: 16,
          borderRadius: '50%',
          background: '#0b1b2f',
          opacity: 0.4 * aground,
          filter: 'blur(5px)',
        }}
      />
      <Img
        src={boat}
        style={{
          position: 'absolute',
          left: 470,
          top: waterline - 268,
          width: 260,
          height: 340,
          transform: `rotate(${roll}deg)`,
          transformOrigin: '48% 92%',
        }}
      />
    </>
  );
}

/** The wall with its tide staff, and a reading that follows the water. */
function Quay({ level }: { level: number }) {
  const pixels = (STAFF.bottom - STAFF.top) / STAFF.metres;
  const metres = Math.max(0, (STAFF.bottom - level) / pixels);
  return (
    <>
      <svg width="1280" height="720" viewBox="0 0 1280 720" style={{ position: 'absolute' }} aria-hidden>
        <path d="M1016,462 L1280,452 L1280,720 L1004,720 Z" fill="#5b5f63" />
        <path d="M1008,452 L1280,441 L1280,462 L1008,472 Z" fill="#d8c7a6" />
        {[0, 1, 2, 3, 4, 5].map((row) => (
          <path
            key={row}
            d={`M${1012 - row * 1.5},${510 + row * 38} L1280,${502 + row * 40} M${1120 + (row % 2) * 50},${508 + row * 38} v38 M${1220 + (row % 2) * 34},${506 + row * 38} v38`}
            stroke="#3b4248"
            strokeWidth="2"
            opacity=".6"
          />
        ))}
        <rect x={1004} y={Math.min(level, 720)} width="276" height={720} fill="#0c3e55" opacity=".5" />
        <rect
          x={STAFF.x}
          y={STAFF.top - 6}
          width="40"
          height={STAFF.bottom - STAFF.top + 14}
          rx="3"
          fill={color.paper}
        />
        {[0, 1, 2, 3, 4, 5].map((index) => (
          <g key={index} transform={`translate(${STAFF.x} ${STAFF.bottom - (index + 1) * pixels})`}>
            <rect width="12" height={pixels / 2} fill={index % 2 ? '#b4443c' : color.ink} />
            <text x="34" y={pixels * 0.72} textAnchor="end" fontFamily={font.mono} fontSize="18" fill={color.ink}>
              {index}
            </text>
          </g>
        ))}
      </svg>
      <div
        className="mono"
        style={{
          position: 'absolute',
          left: 1108,
          top: level - 22,
          padding: '6px 14px 7px',
          borderRadius: 8,
          background: color.magenta,
          color: '#fff',
          fontSize: 24,
        }}
      >
        {metres.toFixed(1)} m
      </div>
    </>
  );
}
