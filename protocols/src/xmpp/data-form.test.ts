import { describe, expect, test } from 'vitest';
import { xml } from '../xml/index.ts';
import { dataFormFromXml, dataFormToXml, formBoolean, formValue } from './data-form.ts';
import { capsVerificationText, discoInfoFromXml, discoInfoToXml } from './disco.ts';
import { NS } from './namespaces.ts';

describe('data forms (XEP-0004)', () => {
  test('are read as they are written', () => {
    const form = {
      type: 'form',
      formType: NS.mucRoomConfig,
      fields: [
        { name: 'a', type: 'boolean', label: 'A', values: ['1'] },
        { name: 'b', values: [] },
        { name: 'c', values: ['x', 'y'] },
      ],
    } as const;
    expect(dataFormFromXml(dataFormToXml(form))).toEqual(form);
  });

  test('absent, empty and set fields differ', () => {
    const form = { type: 'submit', fields: [{ name: 'b', values: [] }] } as const;
    expect(formValue(form, 'a')).toBeUndefined();
    expect(formValue(form, 'b')).toBe('');
  });

  test.each([
    ['1', true],
    ['true', true],
    ['0', false],
    ['false', false],
    ['', undefined],
    ['yes', undefined],
    [undefined, undefined],
  ])('boolean %j is %s', (text, expected) => {
    expect(formBoolean(text)).toBe(expected);
  });

  test('other elements and unknown types are no form; nameless fields are skipped', () => {
    expect(dataFormFromXml(xml('x', NS.mucUser, { type: 'form' }))).toBeUndefined();
    expect(dataFormFromXml(xml('x', NS.dataForms, { type: 'else' }))).toBeUndefined();
    const x = xml('x', NS.dataForms, { type: 'submit' }, xml('field', NS.dataForms));
    expect(dataFormFromXml(x)?.fields).toEqual([]);
  });

  test('a form with too many fields is cut', () => {
    const field = xml('field', NS.dataForms, { var: 'a' });
    const x = xml('x', NS.dataForms, { type: 'submit' }, ...Array(300).fill(field));
    expect(dataFormFromXml(x)?.fields).toHaveLength(256);
  });
});

describe('service discovery (XEP-0030, XEP-0115)', () => {
  const info = {
    identities: [{ category: 'client', type: 'pc', name: 'Exodus 0.9.1' }],
    features: [NS.muc, NS.discoInfo, NS.discoItems, NS.caps],
  };

  test('is read as it is written', () => {
    expect(discoInfoFromXml(discoInfoToXml(info))).toEqual({ ...info, forms: [] });
    expect(discoInfoFromXml(xml('query', NS.discoItems))).toBeUndefined();
  });

  test('the verification text of XEP-0115 §5.2', () => {
    expect(capsVerificationText(info)).toBe(
      'client/pc//Exodus 0.9.1<http://jabber.org/protocol/caps<http://jabber.org/protocol/disco#info<' +
        'http://jabber.org/protocol/disco#items<http://jabber.org/protocol/muc<',
    );
  });
});
