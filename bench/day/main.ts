/**
 * A day of real autoscalers: `npm run bench:day` plays it three times, with packdown and without, in about ten minutes,
 * and writes docs/day.md. `npm run bench:day -- packdown` plays one of them anew; with `--packed` they begin with pods
 * that are packed already. `--seconds 150` is the length of a day. It needs what the end-to-end tests need, see
 * test/e2e/README.md.
 */
import { parseArgs } from 'node:util';
import { findTools } from '../../test/e2e/control-plane/tools.ts';
import { playDay } from './play.ts';
import { keepDay, VARIANTS, writeReport } from './report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    packed: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '150' },
    seed: { type: 'string', default: '1' },
  },
});
const found = await findTools(['kubernetes', 'kwok', 'lws']);
if ('reason' in found || found.onlyApiServer) {
  console.error('reason' in found ? found.reason : 'KUBEBUILDER_ASSETS has no controllers: unset it');
  process.exit(2);
}
const { tools } = found;
const start = values.packed ? 'packed' : 'spread';
const [seed, seconds] = [Number(values.seed), Number(values.seconds)];
const variants = VARIANTS[start];
const named = variants.filter((variant) => positionals.includes(variant));
for (const variant of named.length === 0 ? variants : named) {
  const day = await playDay({ tools, variant, start, seed, seconds });
  const { free: _, perfect: __, ...figures } = day.figures;
  console.log(JSON.stringify({ ...day, figures }, undefined, 2));
  keepDay(start, day);
}
writeReport();
