/** One field of a JSON file, for the format reference. */
export interface FieldDoc {
  /** Dotted, with `[]` for the entries of a list and `{key}` for those of a map. */
  readonly field: string;
  readonly type: string;
  readonly optional: boolean;
  readonly says: string;
}

/** The part of JSON Schema that our schemas use. */
interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly format?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema;
}

/**
 * Every field of a file by its JSON Schema, in the schema's order, each once.
 *
 * @param key - What the keys of the file's map are, where it is one.
 */
export function fieldsOf(schema: object, key = 'key'): readonly FieldDoc[] {
  const fields = new Map<string, FieldDoc>();
  for (const field of nested(schema as JsonSchema, '', key)) {
    const known = fields.get(field.field);
    // Alternatives that share a field differ in its constant: they are shown together.
    const types = new Set([...(known?.type.split(' or ') ?? []), ...field.type.split(' or ')]);
    fields.set(field.field, known === undefined ? field : { ...known, type: [...types].join(' or ') });
  }
  return [...fields.values()];
}

function nested(schema: JsonSchema, prefix: string, key: string): readonly FieldDoc[] {
  if (schema.items !== undefined) return nested(schema.items, `${prefix}[]`, key);
  const options = schema.oneOf ?? schema.anyOf;
  if (options !== undefined) {
    const each = options.map((option) => nested(option, prefix, key));
    const isInAll = ({ field }: FieldDoc) => each.every((fields) => fields.some((other) => other.field === field));
    return each.flat().map((field) => ({ ...field, optional: field.optional || !isInAll(field) }));
  }
  if (schema.properties === undefined) {
    const { propertyNames, additionalProperties } = schema;
    return propertyNames !== undefined && additionalProperties !== undefined
      ? nested(additionalProperties, `${prefix}{${key}}`, key)
      : [];
  }
  return Object.entries(schema.properties).flatMap(([name, field]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const optional = !(schema.required ?? []).includes(name);
    const inner = nested(field, path, 'key');
    return [{ field: path, type: typeOf(field), optional, says: saysOf(field) }, ...inner];
  });
}

function saysOf({ description = '', default: usual }: JsonSchema): string {
  return usual === undefined ? description : `${description} (default ${JSON.stringify(usual)})`;
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  const options = schema.oneOf ?? schema.anyOf;
  if (options !== undefined) return [...new Set(options.map(typeOf))].join(' or ');
  if (schema.items !== undefined) {
    const of = typeOf(schema.items);
    return of === 'object' ? 'list' : `list of ${of}`;
  }
  if (schema.propertyNames !== undefined) return 'map';
  return schema.format ?? schema.type ?? 'anything';
}
