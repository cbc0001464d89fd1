/** Scene 2: five lines through the year; then the reader is led back to midsummer. */
import { scaleLinear } from 'd3-scale';
import { curveMonotoneX, line } from 'd3-shape';
import { useCurrentFrame } from 'remotion';
import { type City, cities, dateOf, hoursAndMinutes, hoursOn, months } from '../shared/data.ts';
import { Figure } from '../shared/figure.tsx';
import { between, color, even, glide, MARGIN, mix } from '../shared/theme.ts';

const x = scaleLinear([0, 364], [MARGIN + 52, 850]);
const y = scaleLinear([0, 24], [930, 350]);
const path = line<number>(
  (_, day) => x(day),
  (hours) => y(hours),
).curve(curveMonotoneX);
const lines = cities.map((city) => ({ city, d: path(city.hours) ?? '' }));
const MIDSUMMER = 171;

export default function Year() {
  const frame = useCurrentFrame();
  const back = between(frame, 116, 146, glide);
  const day = mix(364 * between(frame, 24, 104, glide), MIDSUMMER, back);
  const drawn = Math.max(day, 364 * between(frame, 24, 104, glide));
  return (
    <Figure
      ground={color.paper}
      ink={color.ink}
      headline={['The further north,', 'the wilder the year']}
      note="Hours from sunrise to sunset, computed from latitude."
      noteInk={color.soft}
    >
      <Axes frame={frame} />
      <clipPath id="drawn">
        <rect x={x(0) - 6} y="300" width={drawn > 0 ? x(drawn) - x(0) + 6 : 0} height="700" />
      </clipPath>
      <g clipPath="url(#drawn)" fill="none" strokeWidth="7" strokeLinecap="round" strokeLinejoin="round">
        {lines.map(({ city, d }) => (
          <path key={city.name} d={d} stroke={city.color} />
        ))}
      </g>
      <Cursor day={day} frame={frame} />
      {cities.map((city) => (
        <Label key={city.name} city={city} day={day} frame={frame} />
      ))}
    </Figure>
  );
}

function Axes({ frame }: { frame: number }) {
  return (
    <g fontSize="28" fill={color.soft}>
      {[0, 6, 12, 18, 24].map((hours, index) => {
        const shown = between(frame, 10 + index * 3, 34 + index * 3);
        return (
          <g key={hours} opacity={shown}>
            <line
              x1={x(0)}
              x2={mix(x(0), x(364), shown)}
              y1={y(hours)}
              y2={y(hours)}
              stroke={color.ink}
              strokeWidth={hours ? 1.5 : 3}
              opacity={hours ? 0.18 : 1}
            />
            <text x={x(0) - 16} y={y(hours) + 10} textAnchor="end">
              {hours}
              {hours === 24 ? ' h' : ''}
            </text>
          </g>
        );
      })}
      {months
        .filter((_, index) => index % 2 === 0)
        .map((month) => (
          <text key={month.name} x={x(month.from - 1)} y={y(0) + 42} opacity={between(frame, 20, 40)}>
            {month.name.slice(0, 3)}
          </text>
        ))}
    </g>
  );
}

function Cursor({ day, frame }: { day: number; frame: number }) {
  const shown = between(frame, 20, 34, even);
  return (
    <g opacity={shown}>
      <line x1={x(day)} x2={x(day)} y1={y(24) - 34} y2={y(0)} stroke={color.ink} strokeWidth="2" />
      <text
        x={Math.max(x(day), 210)}
        y={y(24) - 46}
        textAnchor="middle"
        fontSize="32"
        fontWeight="700"
        fill={color.ink}
      >
        {dateOf(day)}
      </text>
      {cities.map((city) => (
        <circle
          key={city.name}
          cx={x(day)}
          cy={y(hoursOn(city, day))}
          r="12"
          fill={city.color}
          stroke={color.paper}
          strokeWidth="4"
        />
      ))}
    </g>
  );
}

/** The city's name stands at the end of its line; at midsummer it comes back with its hours. */
function Label({ city, day, frame }: { city: City; day: number; frame: number }) {
  const named = between(frame, 92, 108) - between(frame, 114, 122);
  const read = between(frame, 134, 154);
  const place = y(24) + 10 + (cities.length - 1 - cities.indexOf(city)) * 104;
  return (
    <g fill={city.color} fontSize="31" fontWeight="700">
      <text x="872" y={y(hoursOn(city, 364)) + 10} opacity={named}>
        {city.name}
      </text>
      <g opacity={read} transform={`translate(${872 + (1 - read) * 24} ${place})`}>
        <text>{city.name}</text>
        <text y="38" fontWeight="500">
          {hoursAndMinutes(hoursOn(city, day))}
        </text>
      </g>
    </g>
  );
}
