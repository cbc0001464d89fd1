/** Scene 1: a year drawn as a sun. Each ray is five days, as long as its daylight; the city changes under it. */
import { interpolateNumberArray } from 'd3-interpolate';
import { scaleLinear } from 'd3-scale';
import { useCurrentFrame } from 'remotion';
import { cities, hoursAndMinutes, hoursOn } from '../shared/data.ts';
import { Figure } from '../shared/figure.tsx';
import { between, color, even, glide, MARGIN, mix } from '../shared/theme.ts';

const RAYS = Array.from({ length: 73 }, (_, ray) => ray);
const CENTRE = { x: 540, y: 622 };
const reach = scaleLinear([0, 24], [126, 312]);
/** Frames at which one city starts to become the next. */
const MOVES = [42, 70, 98, 126];
const yearOf = cities.map((city) => RAYS.map((ray) => hoursOn(city, ray * 5 + 2)));

export default function Suns() {
  const frame = useCurrentFrame();
  const position = MOVES.reduce((sum, start) => sum + between(frame, start, start + 20, glide), 0);
  const index = Math.min(cities.length - 2, Math.floor(position));
  const amount = position - index;
  const hours = interpolateNumberArray(yearOf[index] ?? [], yearOf[index + 1] ?? [])(amount);
  return (
    <Figure
      ground={color.night}
      ink={color.paper}
      headline={['The same sun,', 'unevenly shared']}
      note="One ray is five days of the year, as long as the daylight it brings."
      noteInk={color.dusk}
    >
      <g transform={`translate(${CENTRE.x} ${CENTRE.y})`}>
        <Dial frame={frame} />
        {RAYS.map((ray) => (
          <Ray key={ray} ray={ray} hours={hours[ray] ?? 0} frame={frame} />
        ))}
        <Name frame={frame} position={position} />
      </g>
      <Extreme name="shortest day" hours={Math.min(...hours)} frame={frame} x={MARGIN} anchor="start" />
      <Extreme name="longest day" hours={Math.max(...hours)} frame={frame} x={1080 - MARGIN} anchor="end" />
    </Figure>
  );
}

function Ray({ ray, hours, frame }: { ray: number; hours: number; frame: number }) {
  const grown = between(frame, 4 + ray * 0.35, 34 + ray * 0.35);
  const length = mix(reach(0), reach(hours), grown);
  const turn = (ray / RAYS.length) * 360;
  return (
    <line
      y1={-reach(0)}
      y2={-Math.max(length, reach(0) + 0.1)}
      stroke={color.sun}
      strokeWidth={13}
      strokeLinecap="round"
      opacity={hours < 0.05 ? 0.25 : 1}
      transform={`rotate(${turn})`}
    />
  );
}

/** Twelve hours and twenty-four as rings, and the quarters of the year. */
function Dial({ frame }: { frame: number }) {
  const shown = between(frame, 30, 60, even);
  const quarters = ['January', 'April', 'July', 'October'];
  return (
    <g opacity={shown}>
      {[12, 24].map((hours) => (
        <circle
          key={hours}
          r={reach(hours)}
          fill="none"
          stroke={color.dusk}
          strokeWidth="2"
          strokeDasharray="2 9"
          strokeLinecap="round"
        />
      ))}
      <g fontSize="24" fill={color.dusk} textAnchor="middle">
        {[12, 24].map((hours) => (
          <text key={hours} x={-(reach(hours) + 26) * Math.SQRT1_2} y={-(reach(hours) + 26) * Math.SQRT1_2 + 8}>
            {hours} h
          </text>
        ))}
      </g>
      <g fill={color.dusk} fontSize="28" textAnchor="middle">
        {quarters.map((month, index) => {
          const at = index * (Math.PI / 2);
          const side = index === 1 ? 'start' : index === 3 ? 'end' : 'middle';
          const radius = index % 2 ? reach(24) + 16 : reach(24) + (index === 0 ? 14 : 34);
          return (
            <text
              key={month}
              x={Math.sin(at) * radius}
              y={-Math.cos(at) * radius + (index % 2 ? 10 : 0)}
              textAnchor={side}
            >
              {month.slice(0, 3)}
            </text>
          );
        })}
      </g>
    </g>
  );
}

interface ExtremeProps {
  name: string;
  hours: number;
  frame: number;
  x: number;
  anchor: 'start' | 'end';
}

function Extreme({ name, hours, frame, x, anchor }: ExtremeProps) {
  return (
    <g textAnchor={anchor} opacity={between(frame, 30, 50)}>
      <text x={x} y="908" fontFamily="Instrument Serif" fontSize="64" fill={color.paper}>
        {hoursAndMinutes(hours)}
      </text>
      <text x={x} y="948" fontSize="28" fill={color.dusk}>
        {name}
      </text>
    </g>
  );
}

function Name({ frame, position }: { frame: number; position: number }) {
  return (
    <g textAnchor="middle" opacity={between(frame, 24, 40)}>
      {cities.map((city, index) => {
        const away = glide(Math.min(1, Math.abs(position - index) * 2)) * Math.sign(index - position);
        return (
          <g key={city.name} opacity={1 - Math.abs(away)} transform={`translate(0 ${away * 40})`}>
            <text y="6" fontFamily="Instrument Serif" fontSize="56" fill={color.paper}>
              {city.name}
            </text>
            <text y="46" fontSize="28" fill={color.sun}>
              {city.latitude}
            </text>
          </g>
        );
      })}
    </g>
  );
}
