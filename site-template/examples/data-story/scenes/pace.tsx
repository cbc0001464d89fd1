/** Scene 4: minutes of daylight gained each day in the week of the March equinox. */
import { scaleLinear } from 'd3-scale';
import { useCurrentFrame } from 'remotion';
import { type City, cities, hoursOn } from '../shared/data.ts';
import { Figure } from '../shared/figure.tsx';
import { between, color, MARGIN } from '../shared/theme.ts';

const FIRST_DAY = 75;
const gains = cities.map((city) => ({
  city,
  minutes: ((hoursOn(city, FIRST_DAY + 7) - hoursOn(city, FIRST_DAY)) / 7) * 60,
}));
const width = scaleLinear([0, 9], [0, 1080 - 2 * MARGIN - 40]);
const TOP = 330;
const ROW = 122;

export default function Pace() {
  const frame = useCurrentFrame();
  return (
    <Figure
      ground={color.paper}
      ink={color.ink}
      headline={['In March, Tromsø gains', 'an hour every week']}
      note="Minutes of daylight gained a day, 17 to 24 March. Computed from latitude."
      noteInk={color.soft}
    >
      {gains.map(({ city, minutes }, index) => (
        <Bar
          key={city.name}
          city={city}
          minutes={minutes}
          top={TOP + index * ROW}
          grown={between(frame, 16 + index * 9, 66 + index * 9)}
        />
      ))}
    </Figure>
  );
}

function Bar({ city, minutes, top, grown }: { city: City; minutes: number; top: number; grown: number }) {
  const length = Math.max(6, width(minutes) * grown);
  return (
    <g opacity={Math.min(1, grown * 6)}>
      <text x={MARGIN} y={top + 30} fontSize="32" fontWeight="600" fill={color.ink}>
        {city.name}
      </text>
      <rect x={MARGIN} y={top + 46} width={length} height="46" rx="3" fill={city.color} />
      <Ticks length={length} top={top + 46} />
      <text x={1080 - MARGIN} y={top + 30} textAnchor="end" fontSize="34" fontWeight="700" fill={city.color}>
        {readGain(minutes * grown)}
      </text>
    </g>
  );
}

/** One notch a minute, so that the bar can be counted. */
function Ticks({ length, top }: { length: number; top: number }) {
  const notches = Array.from({ length: 8 }, (_, index) => width(index + 1)).filter((at) => at < length - 2);
  return (
    <g stroke={color.paper} strokeWidth="3">
      {notches.map((at) => (
        <line key={at} x1={MARGIN + at} x2={MARGIN + at} y1={top} y2={top + 46} />
      ))}
    </g>
  );
}

function readGain(minutes: number): string {
  const seconds = Math.round(minutes * 60);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
