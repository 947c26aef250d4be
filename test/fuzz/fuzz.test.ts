import { test } from 'node:test';
import { Random } from '../responses/random.ts';
import { answerFuzzers } from './answers.ts';
import { fileFuzzers } from './files.ts';
import { tryInput } from './fuzzer.ts';
import { requestFuzzers } from './requests.ts';

for (const fuzzer of [...requestFuzzers, ...answerFuzzers, ...fileFuzzers]) {
  test(`${fuzzer.name}: nothing that comes in does harm`, () => {
    for (let seed = 1; seed <= fuzzer.quick; seed += 1) tryInput(fuzzer, new Random(seed), seed);
  });
}
