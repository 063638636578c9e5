/** Data forms, read and written as plain fields (XEP-0004 v2.13). */
import { type XmlElement, xml } from '../xml/index.ts';
import { NS } from './namespaces.ts';

export type FormType = 'cancel' | 'form' | 'result' | 'submit';

export interface FormField {
  readonly name: string;
  /** `boolean`, `text-single`, … Left out in results and submissions. */
  readonly type?: string;
  readonly label?: string;
  readonly values: readonly string[];
}

export interface DataForm {
  readonly type: FormType;
  /** Value of the hidden FORM_TYPE field (XEP-0068). */
  readonly formType?: string;
  readonly fields: readonly FormField[];
}

/** More fields than this are not read. */
const MAX_FIELDS = 256;

export function dataFormToXml(form: DataForm): XmlElement {
  const x = xml('x', NS.dataForms, { type: form.type });
  if (form.formType !== undefined) {
    x.append(fieldToXml({ name: 'FORM_TYPE', type: 'hidden', values: [form.formType] }));
  }
  for (const field of form.fields) x.append(fieldToXml(field));
  return x;
}

/** `undefined` when `x` is no data form. Fields without a name are skipped. */
export function dataFormFromXml(x: XmlElement): DataForm | undefined {
  if (x.name !== 'x' || x.ns !== NS.dataForms) return undefined;
  const type = x.attribute('type');
  if (type !== 'cancel' && type !== 'form' && type !== 'result' && type !== 'submit') {
    return undefined;
  }
  let formType: string | undefined;
  const fields: FormField[] = [];
  for (const element of x.childrenNamed('field', NS.dataForms).slice(0, MAX_FIELDS)) {
    const name = element.attribute('var');
    if (name === undefined || name === '') continue;
    const values = element.childrenNamed('value', NS.dataForms).map((value) => value.text);
    if (name === 'FORM_TYPE') {
      formType = values[0];
      continue;
    }
    const fieldType = element.attribute('type');
    const label = element.attribute('label');
    fields.push({
      name,
      ...(fieldType === undefined ? {} : { type: fieldType }),
      ...(label === undefined ? {} : { label }),
      values,
    });
  }
  return { type, ...(formType === undefined ? {} : { formType }), fields };
}

/** First value of a field; `undefined` when the form does not mention it. */
export function formValue(form: DataForm, name: string): string | undefined {
  const field = form.fields.find((candidate) => candidate.name === name);
  return field === undefined ? undefined : (field.values[0] ?? '');
}

/** `1`/`true` and `0`/`false` (XEP-0004 §3.3); `undefined` for anything else. */
export function formBoolean(value: string | undefined): boolean | undefined {
  if (value === '1' || value === 'true') return true;
  if (value === '0' || value === 'false') return false;
  return undefined;
}

function fieldToXml(field: FormField): XmlElement {
  return xml(
    'field',
    NS.dataForms,
    { var: field.name, type: field.type, label: field.label },
    ...field.values.map((value) => xml('value', NS.dataForms, {}, value)),
  );
}
