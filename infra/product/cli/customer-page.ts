import { shopChange } from '#shared/contract/shops.ts';
import { changeShop } from '#shared/flows/shops.ts';
import { shopView } from '#shared/mappers/views.ts';
import { type Command, checked, RefusedError, shopOf, textOf, type Values } from './command.ts';

/** `none` takes one away. */
const said = (text: string) => (text === 'none' ? null : text);

function named(values: Values): Readonly<Record<string, unknown>> {
  const texts = ['color', 'logoUrl', 'phone'].flatMap((name) => {
    const text = textOf(values, name);
    return text === null ? [] : [[name, said(text)]];
  });
  const callDriver = textOf(values, 'callDriver');
  const flag = { true: true, false: false }[callDriver ?? ''] ?? callDriver;
  return { ...Object.fromEntries(texts), ...(flag !== null && { callDriver: flag }) };
}

export const customerPageCommands: Readonly<Record<string, Command>> = {
  'shops page': {
    operands: ['<shop>'],
    help: 'What a shop’s customers see of it on their page; options change it, none takes away',
    options: {
      name: { type: 'string' },
      color: { type: 'string' },
      logoUrl: { type: 'string' },
      phone: { type: 'string' },
      callDriver: { type: 'string' },
    },
    optionHelp: {
      name: 'what the shop is called, here and everywhere',
      color: 'such as #0b6e4f; what is written on it is black or white by itself',
      logoUrl: 'the https address of a picture',
      phone: 'a number of the shop to call',
      callDriver: 'true: the driver who has the parcel may be called too',
    },
    run: async (context, [which = ''], values) => {
      const found = await shopOf(context, which);
      const name = textOf(values, 'name');
      const page = named(values);
      const isPage = Object.keys(page).length > 0;
      if (name === null && !isPage) return { value: shownOf(shopView(found)) };
      const wanted = checked(shopChange, { ...(name !== null && { name }), ...(isPage && { customerPage: page }) });
      const ran = await changeShop(context.deps, context.caller, found.id, wanted);
      if (ran.kind !== 'done') throw new Error(ran.kind);
      if (ran.result.outcome === 'not_found') throw new RefusedError(`There is no shop ${which}`);
      return { value: shownOf(shopView(ran.result.shop)), note: 'The page of each tracking link shows it' };
    },
  },
};

const shownOf = ({ name, customerPage }: ReturnType<typeof shopView>) => ({ name, ...customerPage });
