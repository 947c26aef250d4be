import { parseArgs } from 'node:util';
import { Random } from '../responses/random.ts';
import { answerFuzzers } from './answers.ts';
import { fileFuzzers } from './files.ts';
import { tryInput } from './fuzzer.ts';
import { requestFuzzers } from './requests.ts';

/** Tries inputs for some minutes, or a single one again: `--minutes 30`, `--only name --seed 7`. */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    only: { type: 'string' },
    seed: { type: 'string' },
  },
});
const { only } = values;
const fuzzers = [...requestFuzzers, ...answerFuzzers, ...fileFuzzers].filter(
  ({ name }) => only === undefined || name === only,
);
if (fuzzers.length === 0) throw new Error(`there is no fuzzer "${only}"`);

if (values.seed !== undefined) {
  const seed = Number(values.seed);
  for (const fuzzer of fuzzers) tryInput(fuzzer, new Random(seed), seed);
  console.log(`seed ${seed}: nothing found`);
} else {
  const until = Date.now() + Number(values.minutes) * 60_000;
  const first = Date.now() % 0x7fff_ffff;
  const tried = new Map<string, number>();
  const found = new Map<string, number>();
  for (let seed = first; Date.now() < until; seed += 1) {
    for (const fuzzer of fuzzers) {
      tried.set(fuzzer.name, (tried.get(fuzzer.name) ?? 0) + 1);
      try {
        tryInput(fuzzer, new Random(seed), seed);
      } catch (thrown) {
        const times = (found.get(fuzzer.name) ?? 0) + 1;
        found.set(fuzzer.name, times);
        if (times <= 3) console.error(thrown);
      }
    }
  }
  for (const [name, inputs] of tried) {
    console.log(`${name}: ${inputs} inputs, ${found.get(name) ?? 0} findings`);
  }
  process.exitCode = found.size === 0 ? 0 : 1;
}
