export interface Line {
  readonly name: string;
  readonly colour: string;
  /** At equal distances from the left edge to the right one. */
  readonly values: readonly number[];
  readonly dashed?: boolean;
}

const [WIDTH, HEIGHT] = [760, 340];
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 30, 56, 36];

/** Lines over the 24 hours of a day, in steps: a count holds until the next one. */
export function dayPlot(title: string, lines: readonly Line[], most: number): string {
  const x = (hour: number) => LEFT + ((WIDTH - LEFT - RIGHT) * hour) / 24;
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most);
  const hours = Array.from({ length: 9 }, (_, index) => index * 3);
  const counts = Array.from({ length: Math.floor(most / 5) + 1 }, (_, index) => index * 5);
  const grid = [
    ...counts.map(
      (count) =>
        `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(count)}" y2="${y(count)}" stroke="#ddd"/>` +
        `<text x="${LEFT - 8}" y="${y(count) + 4}" text-anchor="end">${count}</text>`,
    ),
    ...hours.map((hour) => `<text x="${x(hour)}" y="${HEIGHT - 14}" text-anchor="middle">${hour}:00</text>`),
  ];
  const paths = lines.map(({ values, colour, dashed = false }) => {
    const steps = values.map((value, index) => {
      const at = x((24 * index) / (values.length - 1)).toFixed(1);
      return index === 0 ? `M${at},${y(value).toFixed(1)}` : `H${at}V${y(value).toFixed(1)}`;
    });
    const dash = dashed ? ' stroke-dasharray="4 3"' : '';
    return `<path d="${steps.join('')}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`;
  });
  const legend = lines.map(({ name, colour }, index) => {
    const at = LEFT + index * 178;
    return `<rect x="${at}" y="32" width="14" height="4" fill="${colour}"/><text x="${at + 20}" y="38">${name}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${LEFT}" y="20" font-weight="bold">${title}</text>`,
    ...legend,
    ...grid,
    ...paths,
    '</svg>\n',
  ].join('\n');
}
