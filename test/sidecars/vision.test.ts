import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configSchema } from '../../src/config/schema.ts';
import { catalogKnowledge } from '../../src/providers/knowledge.ts';
import type { WebRequest } from '../../src/providers/webCall.ts';
import { imageKey } from '../../src/sidecars/imagesInWords.ts';
import { Vision } from '../../src/sidecars/vision.ts';
import { gate, until } from '../support/until.ts';
import { chatStream } from '../support/upstream.ts';

const pictures = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => {
    const url = `data:image/png;base64,${Buffer.from(`picture-${from + index}`).toString('base64')}`;
    return { key: imageKey(url), url };
  });

/** Vision with a model that says which picture it was shown, as soon as `ready`. */
function setUp(most?: number, ready: Promise<void> = Promise.resolve()) {
  const asked: WebRequest[] = [];
  const config = configSchema.parse({
    providers: {
      eyes: { adapter: 'openai-chat', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'the-key-of-eyes' },
    },
    visionSidecar: { model: 'eyes/m' },
  });
  const services = {
    credentials: { env: {}, vault: new Map(), token: 'our-own-token', version: '0' },
    knowledge: catalogKnowledge,
    config: () => config,
    call: async () => async (request: WebRequest) => {
      asked.push(request);
      await ready;
      const shown = /base64,([\w+/=]+)/.exec(request.body ?? '')?.[1] ?? '';
      const content = `It is ${Buffer.from(shown, 'base64')}.`;
      return { ok: true, status: 200, headers: {}, body: chatStream({ content }) } as const;
    },
    remember: () => {},
  };
  const vision = most === undefined ? new Vision(services) : new Vision(services, most);
  const describe = (images: ReturnType<typeof pictures>) =>
    vision.describe(images, {}, new AbortController().signal, () => {});
  return { asked, vision, describe };
}

test('three images are described at a time, and each text belongs to its image', async () => {
  const ready = gate();
  const { asked, describe } = setUp(undefined, ready.opened);
  const images = pictures(5);
  const described = describe(images);
  await until('three questions', () => asked.length === 3);
  for (let turns = 0; turns < 10; turns += 1) await new Promise(setImmediate);
  assert.equal(asked.length, 3);
  ready.open();
  const texts = await described;
  assert.equal(asked.length, 5);
  for (const [index, { key }] of images.entries())
    assert.match(texts.get(key) ?? '', new RegExp(`> It is picture-${index}\\.`));
});

test('so many descriptions are kept and no more; the oldest goes', async () => {
  const { asked, vision, describe } = setUp(2);
  await describe(pictures(3));
  const known = vision.descriptions({});
  assert.equal(known?.size, 2);
  const [first, second, third] = pictures(3);
  assert.deepEqual(
    [first, second, third].map((image) => known?.has(image?.key ?? '')),
    [false, true, true],
  );
  assert.equal(asked.length, 3);
});

test('of very many images the newest are described, and the others say why not', async () => {
  const { asked, describe } = setUp();
  const images = pictures(23);
  const texts = await describe(images);
  assert.equal(asked.length, 20);
  assert.match(texts.get(images[0]?.key ?? '') ?? '', /too many images/);
  assert.match(texts.get(images[22]?.key ?? '') ?? '', /picture-22/);
  assert.equal(texts.size, 23);
});

test('the model that describes is asked with the key of its own provider', async () => {
  const { asked, describe } = setUp();
  await describe(pictures(1));
  assert.equal(asked[0]?.headers?.['authorization'], 'Bearer the-key-of-eyes');
  assert.ok(!JSON.stringify(asked).includes('our-own-token'));
});
