/** Scene 4: a passage along the coast, each harbour with its own window, drawn on the chart. */
import { evolvePath, getLength, getPointAtLength, getTangentAtLength } from '@remotion/paths';
import { Img, spring, useCurrentFrame, useVideoConfig } from 'remotion';
import chart from '../images/chart.webp';
import { Headline } from '../shared/headline.tsx';
import { type SceneProps, Stage } from '../shared/stage.tsx';
import { between, color, drift, mix } from '../shared/theme.ts';
import { clock } from '../shared/tide.ts';
import harbours from './harbours.json' with { type: 'json' };

const ROUTE = 'M268,662 C330,750 500,730 580,610 S690,420 762,272 C800,420 900,500 1040,500 S1300,500 1366,392';
const LENGTH = getLength(ROUTE);
const LEAVE = 6 + 40 / 60;
const HOURS = 5.4;
const MILES = 26.8;

export default function Passage({ filmFrame }: SceneProps) {
  const frame = useCurrentFrame();
  const pan = between(frame, 0, 180, (t) => t);
  const sailed = between(frame, 30, 150, drift);
  return (
    <Stage filmFrame={filmFrame} style={{ background: color.land }}>
      <div
        style={{
          position: 'absolute',
          width: 1600,
          height: 1000,
          transformOrigin: '0 0',
          transform: `translate(${mix(-24, -112, pan)}px, ${mix(-2, 0, pan)}px) scale(${mix(0.93, 0.88, pan)})`,
        }}
      >
        <Img src={chart} style={{ position: 'absolute', width: 1600, height: 1000 }} />
        <Route sailed={sailed} frame={frame} />
        {harbours.map((harbour) => (
          <Harbour key={harbour.name} {...harbour} reached={sailed >= harbour.along - 0.02} frame={frame} />
        ))}
      </div>
      <Headline lines={['Plan the whole passage.']} at={14} size={80} style={{ left: 84, top: 40 }} />
      <Log sailed={sailed} frame={frame} />
    </Stage>
  );
}

/** The hour and the miles, as the log book counts them. */
function Log({ sailed, frame }: { sailed: number; frame: number }) {
  const shown = between(frame, 34, 56);
  return (
    <div
      className="mono"
      style={{
        position: 'absolute',
        right: 84,
        bottom: 44,
        padding: '10px 22px 12px',
        borderRadius: 30,
        background: color.magenta,
        color: '#fff',
        fontSize: 26,
        opacity: shown,
        transform: `translateY(${(1 - shown) * 24}px)`,
      }}
    >
      {clock(LEAVE + HOURS * sailed)}, {(MILES * sailed).toFixed(1)} miles
    </div>
  );
}

function Route({ sailed, frame }: { sailed: number; frame: number }) {
  const at = Math.max(0.5, LENGTH * sailed);
  const point = getPointAtLength(ROUTE, at) ?? { x: 0, y: 0 };
  const tangent = getTangentAtLength(ROUTE, at) ?? { x: 1, y: 0 };
  const heading = (Math.atan2(tangent.y, tangent.x) * 180) / Math.PI;
  const shown = between(frame, 22, 36);
  return (
    <svg width="1600" height="1000" viewBox="0 0 1600 1000" style={{ position: 'absolute' }} aria-hidden>
      <path
        d={ROUTE}
        fill="none"
        stroke={color.magenta}
        strokeWidth="3"
        strokeDasharray="1 11"
        strokeLinecap="round"
        opacity={shown}
      />
      <path
        d={ROUTE}
        fill="none"
        stroke={color.magenta}
        strokeWidth="7"
        strokeLinecap="round"
        {...evolvePath(sailed, ROUTE)}
      />
      <g transform={`translate(${point.x} ${point.y}) rotate(${heading}) scale(${shown})`}>
        <circle r="26" fill={color.magenta} opacity={0.16 + 0.06 * Math.sin(frame * 0.2)} />
        <path
          d="M22,0 C12,-10 -6,-11 -18,-9 L-18,9 C-6,11 12,10 22,0 Z"
          fill={color.ink}
          stroke={color.paper}
          strokeWidth="2.500"
        />
      </g>
    </svg>
  );
}

interface HarbourProps {
  name: string;
  window: string;
  x: number;
  y: number;
  along: number;
  opensAt: number;
  labelX: number;
  labelY: number;
  reached: boolean;
  frame: number;
}

function Harbour(props: HarbourProps) {
  const { fps } = useVideoConfig();
  const pop = spring({ frame: props.frame - props.opensAt, fps, config: { damping: 14, mass: 0.6 } });
  return (
    <>
      <div
        style={{
          position: 'absolute',
          left: props.x - 13,
          top: props.y - 13,
          width: 26,
          height: 26,
          boxSizing: 'border-box',
          borderRadius: '50%',
          border: `5px solid ${color.ink}`,
          background: props.reached ? color.flare : color.paper,
          transform: `scale(${pop})`,
        }}
      />
      <div
        style={{
          position: 'absolute',
          left: props.labelX,
          top: props.labelY,
          padding: '13px 20px 15px',
          borderRadius: 16,
          background: props.reached ? color.ink : color.paper,
          color: props.reached ? color.paper : color.ink,
          boxShadow: '0 10px 26px rgb(8 38 58 / 22%)',
          transform: `scale(${pop})`,
          transformOrigin: '0 50%',
          whiteSpace: 'nowrap',
        }}
      >
        <div style={{ fontSize: 32, fontWeight: 700, letterSpacing: '-0.025em', lineHeight: 1.1 }}>{props.name}</div>
        <div className="mono" style={{ fontSize: 23 }}>
          {props.window}
        </div>
      </div>
    </>
  );
}
