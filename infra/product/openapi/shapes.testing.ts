/* biome-ignore-all lint/suspicious/noExplicitAny: a JSON document is looked into at many depths */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

export interface Answer {
  status: number;
  type: string | null;
  body: unknown;
}

/** Holds what was asked and answered against an OpenAPI document. A `pointer` is an operation's: `#/paths/~1v1~1me/get`. */
export interface Shapes {
  /** The answer has the media type and the shape that the document says, and no field that it does not name. */
  assertAnswer(pointer: string, answer: Answer): void;
  /** The document allows this body. */
  assertAllowed(pointer: string, raw: string): void;
  /** An event of a stream is as the document says. */
  assertEvent(pointer: string, event: unknown): void;
}

export function openShapes(document: any): Shapes {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, 'sent');
  ajv.addSchema(closed(document), 'answered');
  const assertValid = (at: string, value: unknown) =>
    expect(ajv.validate({ $ref: at }, value), `${ajv.errorsText()} in ${JSON.stringify(value)}`).toBe(true);
  const resolveAt = (pointer: string): any =>
    pointer
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/'))
      .reduce((at, key) => at[key], document);
  return {
    assertAnswer(pointer, answer) {
      if (answer.status === 204) return expect(answer.body).toBeUndefined();
      const media = answer.status < 300 ? 'application/json' : 'application/problem+json';
      const described = resolveAt(pointer).responses[String(answer.status)] as { content?: object; $ref?: string };
      if (answer.status < 300 && described.content !== undefined && !(media in described.content)) {
        return expect(Object.keys(described.content)).toContain(answer.type);
      }
      expect(answer.type).toBe(media);
      const response = described.$ref ?? `${pointer}/responses/${answer.status}`;
      assertValid(`answered${escaped(response)}/content/${encoded(media)}/schema`, answer.body);
    },
    assertAllowed(pointer, raw) {
      if (!resolveAt(pointer).requestBody) return;
      assertValid(`sent${escaped(pointer)}/requestBody/content/application~1json/schema`, JSON.parse(raw));
    },
    assertEvent(pointer, event) {
      assertValid(`answered${escaped(pointer)}/responses/200/content/${encoded('text/event-stream')}/schema`, event);
    },
  };
}

/** The same document whose answers may have no field that is not described. */
function closed(value: any): any {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
  return copy.type === 'object' && copy.properties ? { ...copy, additionalProperties: false } : copy;
}

const escaped = (pointer: string) => pointer.replaceAll('{', '%7B').replaceAll('}', '%7D');
const encoded = (media: string) => media.replaceAll('/', '~1').replace('+', '%2B');
