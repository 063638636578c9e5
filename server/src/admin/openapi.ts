/** The OpenAPI 3.1 description of the admin API, from the table of its operations. */
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { PROBLEM } from './shapes.ts';

const JSON_TYPE = 'application/json';

export function openApi(): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of OPERATIONS) {
    const method = operation.method.toLowerCase();
    paths[operation.path] = { ...paths[operation.path], [method]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Conclave admin API',
      version: '1',
      description: 'Rooms and people in them, for administrators and their programs.',
    },
    servers: [{ url: 'http://127.0.0.1:8080', description: 'The private port.' }],
    security: [{ bearer: [] }],
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  };
}

function describe(operation: Operation): Readonly<Record<string, unknown>> {
  const { id, path, summary, body, result } = operation;
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description:
      name === 'room' ? 'Its name, or its bare JID.' : 'The id that the room tells of somebody.',
  }));
  if (operation.roomInQuery !== undefined) {
    parameters.push({
      name: operation.roomInQuery,
      in: 'query',
      required: true,
      schema: { type: 'string' },
      description: 'Its name, or its bare JID.',
    });
  }
  const problem = { content: { 'application/problem+json': { schema: PROBLEM.json } } };
  return {
    operationId: id,
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: { required: true, content: { [JSON_TYPE]: { schema: body.json } } },
    }),
    responses: {
      200: { description: 'Done.', content: { [JSON_TYPE]: { schema: result.json } } },
      default: { description: 'Refused; `detail` says why.', ...problem },
    },
  };
}
