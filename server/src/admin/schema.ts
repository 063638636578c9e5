/**
 * Shapes of the admin API, once for both uses: `json` is the JSON Schema in the OpenAPI description,
 * `read` checks a value that came from outside and gives it a type.
 */

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Schema<T> {
  readonly json: JsonSchema;
  /** A new value of the shape, or SchemaError. `path` names the value in messages. */
  read(value: unknown, path: string): T;
}

/** A value that does not have its shape; the message is for the one who sent it. */
export class SchemaError extends Error {}

function fail(path: string, expected: string): never {
  throw new SchemaError(`${path}: expected ${expected}`);
}

interface Described {
  readonly description?: string;
}

export function text(options: Described & { readonly maxLength: number }): Schema<string> {
  return {
    json: { type: 'string', ...options },
    read: (value, path) =>
      typeof value === 'string' && value.length <= options.maxLength
        ? value
        : fail(path, `a text of at most ${options.maxLength} characters`),
  };
}

export function flag(options: Described = {}): Schema<boolean> {
  return {
    json: { type: 'boolean', ...options },
    read: (value, path) => (typeof value === 'boolean' ? value : fail(path, 'true or false')),
  };
}

export function wholeNumber(options: Described = {}): Schema<number> {
  return {
    json: { type: 'integer', minimum: 0, ...options },
    read: (value, path) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
        ? value
        : fail(path, 'a whole number'),
  };
}

export function choice<const T extends string>(
  values: readonly T[],
  options: Described = {},
): Schema<T> {
  return {
    json: { type: 'string', enum: values, ...options },
    read: (value, path) =>
      values.find((known) => known === value) ?? fail(path, `one of ${values.join(', ')}`),
  };
}

/** `null` when there is none. */
export function orNull<T>(schema: Schema<T>): Schema<T | null> {
  return {
    json: { anyOf: [schema.json, { type: 'null' }] },
    read: (value, path) => (value === null ? null : schema.read(value, path)),
  };
}

export function list<T>(
  item: Schema<T>,
  options: Described & { readonly minItems?: number; readonly maxItems?: number } = {},
): Schema<readonly T[]> {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = options;
  return {
    json: { type: 'array', items: item.json, ...options },
    read: (value, path) => {
      if (!Array.isArray(value) || value.length < minItems || value.length > maxItems) {
        fail(path, `a list of ${minItems} to ${maxItems} items`);
      }
      return value.map((each, index) => item.read(each, `${path}[${index}]`));
    },
  };
}

type Members = Readonly<Record<string, Schema<unknown>>>;
type ValueOf<S> = S extends Schema<infer T> ? T : never;
type ObjectOf<R extends Members, O extends Members> = {
  readonly [K in keyof R]: ValueOf<R[K]>;
} & { readonly [K in keyof O]?: ValueOf<O[K]> };

/** Members of `optional` may be missing; others than these are refused. */
export function object<R extends Members, O extends Members = Record<never, never>>(
  required: R,
  optional?: O,
  options: Described = {},
): Schema<ObjectOf<R, O>> {
  const members: Members = { ...required, ...optional };
  const names = Object.keys(required);
  const properties = Object.fromEntries(
    Object.entries(members).map(([name, schema]) => [name, schema.json]),
  );
  return {
    json: {
      type: 'object',
      properties,
      ...(names.length > 0 && { required: names }),
      additionalProperties: false,
      ...options,
    },
    read: (value, path) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        fail(path, 'an object');
      }
      const given = new Map<string, unknown>(Object.entries(value));
      for (const name of given.keys()) {
        if (!Object.hasOwn(members, name)) {
          fail(`${path}.${name}`, `nothing of this name, only ${Object.keys(members).join(', ')}`);
        }
      }
      const out: Record<string, unknown> = {};
      for (const [name, schema] of Object.entries(members)) {
        if (given.has(name)) out[name] = schema.read(given.get(name), `${path}.${name}`);
        else if (Object.hasOwn(required, name))
          fail(`${path}.${name}`, 'a value, but it is missing');
      }
      return out as ObjectOf<R, O>;
    },
  };
}
