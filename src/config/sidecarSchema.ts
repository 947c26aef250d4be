// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts show what users write in config.json
import * as z from 'zod/mini';
import { docs, isWebAddress, modelId } from './schemaTerms.ts';

/** The fields of config.json that are about what helps a model: searching the web and seeing. */

const searchBackends = ['provider', 'chatgpt', 'service'] as const;
const searchServiceNames = ['brave', 'tavily', 'exa', 'searxng'] as const;

export const webSearchSchema = z.object({
  enabled: z.exactOptional(
    z.boolean().register(docs, {
      description:
        'Default: on when somebody is there who can search: a `forward` provider and a ChatGPT login, a provider that searches itself, or a search service.',
    }),
  ),
  model: z
    ._default(modelId(), 'gpt-5.4-mini')
    .register(docs, { description: 'The model that searches with the ChatGPT login.' }),
  reasoning: z._default(z.string(), 'low').register(docs, { description: 'Its reasoning effort.' }),
  backends: z._default(z.array(z.enum(searchBackends)), [...searchBackends]).register(docs, {
    description:
      'Who searches, in this order: `provider` is the search on the servers of the provider that answers the turn, `chatgpt` the ChatGPT login that Codex sends, `service` the search service below. Those that are not at hand are passed over.',
  }),
  service: z.exactOptional(
    z
      .object({
        name: z.enum(searchServiceNames).register(docs, { description: 'Which one.' }),
        apiKey: z.exactOptional(
          z.string().register(docs, {
            description:
              'Its key, or the environment variable that holds it as `${NAME}` or `$NAME`.',
            examples: ['${BRAVE_API_KEY}'],
          }),
        ),
        keySource: z.exactOptional(
          z.enum(['vault']).register(docs, {
            description: "`vault`: the key is in the editor's secret store. Set by the editor.",
          }),
        ),
        baseUrl: z.exactOptional(
          z
            .string()
            .check(z.refine(isWebAddress, 'must be an http or https address without a user name'))
            .register(docs, {
              description:
                'Where your SearXNG is. The others have one address, and their keys go nowhere else.',
              examples: ['http://localhost:8888'],
            }),
        ),
      })
      .register(docs, {
        description: 'A search service with a key of your own, or a SearXNG that you run.',
      }),
  ),
  maxSearchesPerTurn: z
    ._default(z.int().check(z.minimum(0)), 3)
    .register(docs, { description: 'How many searches one turn may run.' }),
  timeoutMs: z
    ._default(z.int().check(z.minimum(1)), 30_000)
    .register(docs, { description: 'How long one search may take, in milliseconds.' }),
});

export const visionSchema = z.object({
  enabled: z.exactOptional(
    z.boolean().register(docs, {
      description:
        'Default: on when a `forward` provider and a ChatGPT login exist, or when `model` names a model of another provider.',
    }),
  ),
  model: z._default(modelId(), 'gpt-5.4-mini').register(docs, {
    description:
      'The model that describes images: a model of the `forward` provider, or `provider/model` of any provider that is set up.',
  }),
  timeoutMs: z
    ._default(z.int().check(z.minimum(1)), 45_000)
    .register(docs, { description: 'How long one description may take, in milliseconds.' }),
});
