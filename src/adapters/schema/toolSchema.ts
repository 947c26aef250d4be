import type { JsonObject } from '../../turn/turn.ts';
import { moonshotSchema } from './moonshot.ts';
import { objectRoot } from './objectRoot.ts';

/** The dialects of JSON Schema that hosts take for a tool's parameters. */
export type SchemaDialect = 'full' | 'objectRoot' | 'moonshot';

/** The same parameters in the host's dialect. What a dialect cannot say becomes more permissive. */
export function toolSchema(schema: JsonObject, dialect: SchemaDialect): JsonObject {
  switch (dialect) {
    case 'full':
      return schema;
    case 'objectRoot':
      return objectRoot(schema);
    case 'moonshot':
      return moonshotSchema(schema);
  }
}
