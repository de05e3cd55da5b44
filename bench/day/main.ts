/**
 * A day of real autoscalers: `npm run bench:day` plays it three times, with packdown and without, in about ten minutes, and
 * writes docs/day.md. `npm run bench:day -- packdown` plays one of them anew. `--seconds 150` is the length of a day.
 * It needs what the end-to-end tests need, see test/e2e/README.md.
 */
import { parseArgs } from 'node:util';
import { findTools } from '../../test/e2e/control-plane/tools.ts';
import { playDay } from './play.ts';
import { keepDay, VARIANTS, writeReport } from './report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '150' }, seed: { type: 'string', default: '1' } },
});
const found = await findTools(['kubernetes', 'kwok', 'lws']);
if ('reason' in found || found.onlyApiServer) {
  console.error('reason' in found ? found.reason : 'KUBEBUILDER_ASSETS has no controllers: unset it');
  process.exit(2);
}
const named = VARIANTS.filter((variant) => positionals.includes(variant));
for (const variant of named.length === 0 ? VARIANTS : named) {
  const day = await playDay(found.tools, variant, Number(values.seed), Number(values.seconds));
  const { free: _, perfect: __, ...figures } = day.figures;
  console.log(JSON.stringify({ ...day, figures }, undefined, 2));
  keepDay(day);
}
writeReport();
