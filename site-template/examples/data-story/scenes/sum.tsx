/** Scene 5: the months of each city, laid end to end. The parts differ, the sums hardly do. */
import { scaleLinear } from 'd3-scale';
import { useCurrentFrame } from 'remotion';
import { type City, cities, months } from '../shared/data.ts';
import { Figure } from '../shared/figure.tsx';
import { between, color, glide, MARGIN } from '../shared/theme.ts';

const totals = cities.map((city) => ({
  city,
  months: months.map(({ from, days }) =>
    city.hours.slice(from - 1, from - 1 + days).reduce((sum, hours) => sum + hours, 0),
  ),
}));
const width = scaleLinear([0, 4593], [0, 1080 - 2 * MARGIN]);
const TOP = 330;
const ROW = 124;

export default function Sum() {
  const frame = useCurrentFrame();
  return (
    <Figure
      ground={color.sun}
      ink={color.ink}
      headline={['Add it up, and', 'nobody is left out']}
      note="Hours of daylight in a year, month by month. The five are within 4 percent."
      noteInk={color.ink}
    >
      {totals.map((total, index) => (
        <Row
          key={total.city.name}
          city={total.city}
          hours={total.months}
          top={TOP + index * ROW}
          frame={frame - index * 7}
        />
      ))}
    </Figure>
  );
}

function Row({ city, hours, top, frame }: { city: City; hours: number[]; top: number; frame: number }) {
  let laid = 0;
  let counted = 0;
  const blocks = hours.map((value, month) => {
    const grown = between(frame, 16 + month * 5, 46 + month * 5, glide);
    const block = { from: laid, size: value * grown, month };
    laid += value * grown;
    counted += value * grown;
    return block;
  });
  return (
    <g opacity={between(frame, 10, 26)}>
      <text x={MARGIN} y={top + 30} fontSize="32" fontWeight="600" fill={color.ink}>
        {city.name}
      </text>
      <text x={1080 - MARGIN} y={top + 30} textAnchor="end" fontSize="36" fontWeight="700" fill={color.ink}>
        {Math.round(counted).toLocaleString('en-GB')} h
      </text>
      {blocks.map((block) => (
        <Block
          key={block.month}
          x={MARGIN + width(block.from)}
          width={width(block.size)}
          month={block.month}
          top={top + 46}
        />
      ))}
    </g>
  );
}

/** Dark months are cold, light months are warm. */
function Block({ x, width: size, month, top }: { x: number; width: number; month: number; top: number }) {
  const summer = (1 - Math.cos(((month + 0.7) / 12) * 2 * Math.PI)) / 2;
  const tint = scaleLinear<string>([0, 0.5, 1], [color.night, '#c2255c', '#fff6dc'])(summer);
  if (size < 0.5) return null;
  return (
    <g>
      <rect x={x} y={top} width={Math.max(0, size - 2)} height="50" rx="2" fill={tint} />
      {size > 52 && (
        <text x={x + 10} y={top + 35} fontSize="26" fontWeight="600" fill={summer > 0.6 ? color.ink : color.paper}>
          {months[month]?.name.charAt(0)}
        </text>
      )}
    </g>
  );
}
