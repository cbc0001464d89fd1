/** The app on a phone: a day as a dial, the windows as arcs, the minutes to the next one in the middle. */
import { Img, spring, useVideoConfig } from 'remotion';
import mark from './mark.svg';
import styles from './phone.module.css';
import { between, color, drift, mix } from './theme.ts';
import { clock, type TideWindow, tideAt, tideWindows } from './tide.ts';
import { surfaceLine } from './water.tsx';

const [FIRST, SECOND] = tideWindows() as [TideWindow, TideWindow];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const STRIP_HOURS = Array.from({ length: 49 }, (_, index) => index / 2);
const DIAL = { size: 288, radius: 128, inner: 104 };

export function Phone({ frame }: { frame: number }) {
  const now = mix(FIRST.opens - 1.72, FIRST.opens - 0.4, between(frame, 22, 118, drift)) + frame / 5000;
  return (
    <div className={styles.phone}>
      <div className={styles.screen}>
        <div className={styles.status}>
          <span>{clock(now)}</span>
          <Signal />
        </div>
        <div className={styles.harbour}>
          <Img src={mark} />
          <div>
            <div className={styles.name}>Port Levan</div>
            <div className={styles.place}>Sill 2.2 m, your keel 1.8 m</div>
          </div>
        </div>
        <Dial frame={frame} now={now} />
        <div className={styles.rows}>
          <Row name="Morning" window={FIRST} shown={between(frame, 44, 66)} />
          <Row name="Evening" window={SECOND} shown={between(frame, 50, 72)} />
        </div>
        <DayStrip now={now} shown={between(frame, 58, 84)} />
        <Notice frame={frame} />
      </div>
    </div>
  );
}

function Signal() {
  return (
    <svg width="46" height="16" viewBox="0 0 46 16" fill={color.ink} aria-hidden>
      <path d="M0 11h3v4H0zm5-3h3v7H5zm5-3h3v10h-3zm5-3h3v13h-3z" />
      <rect x="24" y="3" width="20" height="11" rx="3" />
    </svg>
  );
}

/** A point on the dial: midnight at the top, the day once around. */
function onDial(hour: number, radius: number): string {
  const angle = (hour / 24) * 2 * Math.PI - Math.PI / 2;
  const middle = DIAL.size / 2;
  return `${(middle + radius * Math.cos(angle)).toFixed(2)},${(middle + radius * Math.sin(angle)).toFixed(2)}`;
}

function Dial({ frame, now }: { frame: number; now: number }) {
  const metres = tideAt(now);
  const level = mix(DIAL.size / 2 + DIAL.inner, DIAL.size / 2 - DIAL.inner, metres / 7);
  const minutes = Math.ceil((FIRST.opens - now) * 60);
  const surface = surfaceLine({ level, height: 4, length: 150, phase: frame * 0.09 }, DIAL.size);
  return (
    <div className={styles.dial}>
      <svg width={DIAL.size} height={DIAL.size} viewBox={`0 0 ${DIAL.size} ${DIAL.size}`} aria-hidden>
        <clipPath id="bowl">
          <circle cx={DIAL.size / 2} cy={DIAL.size / 2} r={DIAL.inner} />
        </clipPath>
        <g clipPath="url(#bowl)">
          <rect width={DIAL.size} height={DIAL.size} fill="#fffaf0" />
          <path d={`${surface} V${DIAL.size} H0 Z`} fill={color.shallow} />
        </g>
        <circle
          cx={DIAL.size / 2}
          cy={DIAL.size / 2}
          r={DIAL.radius}
          fill="none"
          stroke={color.ink}
          strokeOpacity=".13"
          strokeWidth="14"
        />
        {[FIRST, SECOND].map((window, index) => (
          <Arc key={window.opens} window={window} drawn={between(frame, 30 + index * 8, 62 + index * 8)} />
        ))}
        {HOURS.map((hour) => (
          <line
            key={hour}
            {...tick(hour)}
            stroke={color.ink}
            strokeWidth={hour % 6 ? 1.5 : 3}
            opacity={hour % 6 ? 0.4 : 1}
          />
        ))}
        <path
          d={`M${onDial(now, DIAL.inner - 14)} L${onDial(now, DIAL.radius + 13)}`}
          stroke={color.ink}
          strokeWidth="6"
          strokeLinecap="round"
        />
      </svg>
      <div className={styles.reading}>
        <span className={styles.label}>Gate opens in</span>
        <span className={styles.minutes}>{minutes}</span>
        <span className={styles.label}>minutes</span>
      </div>
    </div>
  );
}

function tick(hour: number) {
  const [x1, y1] = onDial(hour, DIAL.inner - 2).split(',');
  const [x2, y2] = onDial(hour, DIAL.inner - (hour % 6 ? 6 : 11)).split(',');
  return { x1, y1, x2, y2 };
}

function Arc({ window, drawn }: { window: TideWindow; drawn: number }) {
  const end = mix(window.opens, window.closes, drawn);
  return (
    <path
      d={`M${onDial(window.opens, DIAL.radius)} A${DIAL.radius},${DIAL.radius} 0 0 1 ${onDial(end, DIAL.radius)}`}
      fill="none"
      stroke={color.magenta}
      strokeWidth="14"
      opacity={drawn > 0 ? 1 : 0}
    />
  );
}

/** The same day as a line, with the boat's hour on it. */
function DayStrip({ now, shown }: { now: number; shown: number }) {
  const at = (hour: number) => `${((hour / 24) * 288).toFixed(1)},${(70 - tideAt(hour) * 10.5).toFixed(1)}`;
  const line = `M${STRIP_HOURS.map(at).join(' L')}`;
  const [x, y] = at(now).split(',');
  return (
    <svg
      width="288"
      height="72"
      viewBox="0 0 288 72"
      style={{ marginTop: 10, opacity: shown, overflow: 'visible' }}
      aria-hidden
    >
      <path d={`${line} L288,72 L0,72 Z`} fill={color.shallow} opacity=".7" />
      <path d={line} fill="none" stroke={color.ink} strokeWidth="3" />
      <circle cx={x} cy={y} r="9" fill={color.magenta} stroke={color.paper} strokeWidth="4" />
    </svg>
  );
}

function Row({ name, window, shown }: { name: string; window: TideWindow; shown: number }) {
  return (
    <div className={styles.row} style={{ opacity: shown, transform: `translateY(${(1 - shown) * 20}px)` }}>
      <span>{name}</span>
      <strong>
        {clock(window.opens)} to {clock(window.closes)}
      </strong>
    </div>
  );
}

function Notice({ frame }: { frame: number }) {
  const { fps } = useVideoConfig();
  const drop = spring({ frame: frame - 112, fps, config: { damping: 15, mass: 0.7 } });
  return (
    <div className={styles.notice} style={{ transform: `translateY(${(1 - drop) * -120}px)` }}>
      <Img src={mark} />
      <div>
        <b>Cast off in 10 minutes</b>
        You reach the gate as it opens.
      </div>
    </div>
  );
}
