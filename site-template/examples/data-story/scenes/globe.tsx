/** Scene 3: every latitude and every fortnight as a halftone. The dot is the daylight. */
import { scaleLinear, scaleSqrt } from 'd3-scale';
import { useCurrentFrame } from 'remotion';
import { globe, months } from '../shared/data.ts';
import { Figure } from '../shared/figure.tsx';
import { between, color, MARGIN } from '../shared/theme.ts';

const FORTNIGHTS = 26;
const ALL_FORTNIGHTS = Array.from({ length: FORTNIGHTS }, (_, fortnight) => fortnight);
const x = scaleLinear([0, FORTNIGHTS - 1], [MARGIN + 114, 1080 - MARGIN - 10]);
const y = scaleLinear([90, -90], [330, 912]);
const tint = scaleLinear<string>([0, 8, 12, 24], ['#5b4fa8', '#e2565e', '#ff9a3c', '#ffd43b']);
const radius = scaleSqrt([0, 24], [2.2, 15.6]);

export default function Globe() {
  const frame = useCurrentFrame();
  return (
    <Figure
      ground={color.night}
      ink={color.paper}
      headline={['Light moves like', 'a tide, pole to pole']}
      note="A dot is two weeks at one latitude; its area, the hours of daylight."
      noteInk={color.dusk}
    >
      <Latitudes frame={frame} />
      {ALL_FORTNIGHTS.map((fortnight) => (
        <Fortnight
          key={fortnight}
          fortnight={fortnight}
          grown={between(frame, 18 + fortnight * 2.6, 44 + fortnight * 2.6)}
        />
      ))}
      <Callout frame={frame} at={104} x={x(12)} y={y(76)} text="midnight sun" />
      <Callout frame={frame} at={114} x={x(12)} y={y(-76)} text="polar night" light />
      <Equinox frame={frame} />
    </Figure>
  );
}

function Fortnight({ fortnight, grown }: { fortnight: number; grown: number }) {
  if (grown === 0) return null;
  return (
    <g fill={color.sun}>
      {globe.map(({ latitude, hours }) => {
        const value = hours[fortnight] ?? 0;
        return (
          <circle key={latitude} cx={x(fortnight)} cy={y(latitude)} r={radius(value) * grown} fill={tint(value)} />
        );
      })}
    </g>
  );
}

function Latitudes({ frame }: { frame: number }) {
  const names: [number, string][] = [
    [90, '90° N'],
    [60, '60'],
    [30, '30'],
    [0, 'Equator'],
    [-30, '30'],
    [-60, '60'],
    [-90, '90° S'],
  ];
  return (
    <g fontSize="27" fill={color.dusk} opacity={between(frame, 14, 34)}>
      {names.map(([latitude, name]) => (
        <text
          key={latitude}
          x={x(0) - 22}
          y={y(latitude) + 9}
          textAnchor="end"
          fill={latitude === 0 ? color.paper : color.dusk}
        >
          {name}
        </text>
      ))}
      {months
        .filter((_, index) => index % 3 === 0)
        .map((month) => (
          <text key={month.name} x={x((month.from - 1) / 14)} y={y(-90) + 52} textAnchor="middle">
            {month.name.slice(0, 3)}
          </text>
        ))}
    </g>
  );
}

function Callout({
  frame,
  at,
  text,
  light = false,
  ...place
}: {
  frame: number;
  at: number;
  x: number;
  y: number;
  text: string;
  light?: boolean;
}) {
  const shown = between(frame, at, at + 22);
  return (
    <g opacity={shown} transform={`translate(${place.x} ${place.y}) scale(${0.85 + shown * 0.15})`}>
      <rect x="-128" y="-33" width="256" height="64" rx="32" fill={light ? color.paper : color.night} />
      <text y="11" textAnchor="middle" fontSize="34" fontWeight="600" fill={light ? color.night : color.sun}>
        {text}
      </text>
    </g>
  );
}

/** Twice a year everyone is equal. */
function Equinox({ frame }: { frame: number }) {
  return (
    <g>
      {[5.1, 18.4].map((fortnight, index) => {
        const shown = between(frame, 126 + index * 8, 150 + index * 8);
        return (
          <g key={fortnight} opacity={shown}>
            <line
              x1={x(fortnight)}
              x2={x(fortnight)}
              y1={y(90) - 24}
              y2={y(90) - 24 + (y(-90) - y(90) + 48) * shown}
              stroke={color.ember}
              strokeWidth="5"
              strokeLinecap="round"
            />
            <text x={x(fortnight)} y={y(90) - 34} textAnchor="middle" fontSize="28" fontWeight="600" fill="#ff8a63">
              {index === 0 ? '12 h everywhere' : 'and again'}
            </text>
          </g>
        );
      })}
    </g>
  );
}
