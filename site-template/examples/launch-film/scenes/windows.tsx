/** Scene 2: one day of tide. The boat rides the curve as it is drawn; where there is enough water, a window opens. */
import { Img, useCurrentFrame } from 'remotion';
import boat from '../shared/boat.svg';
import { Headline, Kicker } from '../shared/headline.tsx';
import { type SceneProps, Stage } from '../shared/stage.tsx';
import { between, color, drift, font, mix } from '../shared/theme.ts';
import { clock, NEEDED_METRES, type TideWindow, tideAt, tideWindows } from '../shared/tide.ts';

const PLOT = { left: 84, right: 1152, top: 262, bottom: 616 };
const xOf = (hour: number) => mix(PLOT.left, PLOT.right, hour / 24);
const yOf = (metres: number) => mix(PLOT.bottom, PLOT.top, metres / 6);
const CURVE = Array.from({ length: 193 }, (_, index) => ({ hour: index / 8, metres: tideAt(index / 8) }));

export default function Windows({ filmFrame }: SceneProps) {
  const frame = useCurrentFrame();
  const hour = 24 * between(frame, 16, 132, drift);
  return (
    <Stage filmFrame={filmFrame} style={{ background: color.paper }}>
      <Grid frame={frame} />
      <Curve hour={hour} />
      <Threshold frame={frame} />
      {tideWindows().map((window) => (
        <Opening key={window.opens} window={window} hour={hour} />
      ))}
      <Rider hour={hour} frame={frame} />
      <Kicker text="Port Levan, a Saturday in June" at={12} tint={color.inkSoft} style={{ left: 88, top: 70 }} />
      <Headline lines={['You get two windows.']} at={18} size={92} style={{ left: 84, top: 104 }} />
    </Stage>
  );
}

function Grid({ frame }: { frame: number }) {
  return (
    <svg width="1280" height="720" viewBox="0 0 1280 720" style={{ position: 'absolute' }} aria-hidden>
      {Array.from({ length: 9 }, (_, index) => {
        const hour = index * 3;
        const shown = between(frame, 6 + index * 2, 24 + index * 2);
        return (
          <g key={hour} opacity={shown}>
            <line
              x1={xOf(hour)}
              x2={xOf(hour)}
              y1={PLOT.bottom}
              y2={mix(PLOT.bottom, PLOT.top, shown)}
              stroke={color.ink}
              opacity=".13"
            />
            <text
              x={xOf(hour)}
              y={PLOT.bottom + 44}
              textAnchor={index === 0 ? 'start' : index === 8 ? 'end' : 'middle'}
              fontFamily={font.mono}
              fontSize="24"
              fill={color.inkSoft}
            >
              {String(hour).padStart(2, '0')}
            </text>
          </g>
        );
      })}
      <line x1={PLOT.left} x2={PLOT.right} y1={PLOT.bottom} y2={PLOT.bottom} stroke={color.ink} strokeWidth="2" />
    </svg>
  );
}

function Curve({ hour }: { hour: number }) {
  const points = CURVE.filter((point) => point.hour < hour).map(
    ({ hour: h, metres }) => `${xOf(h).toFixed(1)},${yOf(metres).toFixed(1)}`,
  );
  points.push(`${xOf(hour).toFixed(1)},${yOf(tideAt(hour)).toFixed(1)}`);
  const line = `M${points.join(' L')}`;
  return (
    <svg width="1280" height="720" viewBox="0 0 1280 720" style={{ position: 'absolute' }} aria-hidden>
      <defs>
        <linearGradient id="tide" x2="0" y2="1">
          <stop offset="0" stopColor={color.sea} />
          <stop offset="1" stopColor={color.shallow} stopOpacity="0.55" />
        </linearGradient>
      </defs>
      <path d={`${line} L${xOf(hour).toFixed(1)},${PLOT.bottom} L${PLOT.left},${PLOT.bottom} Z`} fill="url(#tide)" />
      <path d={line} fill="none" stroke={color.ink} strokeWidth="5" strokeLinejoin="round" />
    </svg>
  );
}

function Threshold({ frame }: { frame: number }) {
  const drawn = between(frame, 34, 66);
  const y = yOf(NEEDED_METRES);
  return (
    <>
      <svg width="1280" height="720" viewBox="0 0 1280 720" style={{ position: 'absolute' }} aria-hidden>
        <line
          x1={PLOT.left}
          x2={mix(PLOT.left, PLOT.right, drawn)}
          y1={y}
          y2={y}
          stroke={color.magenta}
          strokeWidth="3"
          strokeDasharray="2 9"
          strokeLinecap="round"
        />
      </svg>
      <div
        className="mono"
        style={{
          position: 'absolute',
          left: 92,
          top: y - 44,
          fontSize: 24,
          color: color.magenta,
          opacity: between(frame, 44, 60),
        }}
      >
        you need 4.0 m
      </div>
    </>
  );
}

function Opening({ window, hour }: { window: TideWindow; hour: number }) {
  const swept = Math.min(Math.max(hour, window.opens), window.closes);
  const label = between(hour, window.closes - 0.6, window.closes + 0.7);
  const area = CURVE.filter((point) => point.hour > window.opens && point.hour < swept);
  const path = [
    [window.opens, NEEDED_METRES],
    ...area.map(({ hour: h, metres }) => [h, metres]),
    [swept, tideAt(swept)],
    [swept, NEEDED_METRES],
  ]
    .map(([h = 0, metres = 0]) => `${xOf(h).toFixed(1)},${yOf(metres).toFixed(1)}`)
    .join(' L');
  const middle = (xOf(window.opens) + xOf(window.closes)) / 2;
  return (
    <>
      <svg width="1280" height="720" viewBox="0 0 1280 720" style={{ position: 'absolute' }} aria-hidden>
        {swept > window.opens && <path d={`M${path} Z`} fill={color.magenta} />}
      </svg>
      <div
        style={{
          position: 'absolute',
          left: middle,
          top: 462,
          opacity: label,
          transform: `translate(-50%, ${(1 - label) * 18}px)`,
          textAlign: 'center',
          fontSize: 38,
          fontWeight: 700,
          letterSpacing: '-0.02em',
          whiteSpace: 'nowrap',
        }}
      >
        {clock(window.opens)} to {clock(window.closes)}
        <div className="mono" style={{ fontSize: 24, color: color.ink, letterSpacing: 0, marginTop: 4 }}>
          {((window.closes - window.opens) * 60).toFixed(0)} minutes
        </div>
      </div>
    </>
  );
}

/** The boat stands on the end of the line and leans with its slope. */
function Rider({ hour, frame }: { hour: number; frame: number }) {
  const slope = (yOf(tideAt(hour + 0.2)) - yOf(tideAt(hour - 0.2))) / (xOf(hour + 0.2) - xOf(hour - 0.2));
  const lean = ((Math.atan(slope) * 180) / Math.PI) * 0.55 + Math.sin(frame * 0.12) * 2.5;
  const size = 112 * between(frame, 8, 30);
  return (
    <Img
      src={boat}
      style={{
        position: 'absolute',
        left: xOf(hour) - size * 0.5,
        top: yOf(tideAt(hour)) - size * 1.055,
        width: size,
        height: (size * 340) / 260,
        transform: `rotate(${lean}deg) scaleX(-1)`,
        transformOrigin: '50% 82%',
      }}
    />
  );
}
