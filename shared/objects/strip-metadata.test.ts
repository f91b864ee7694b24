import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stripMetadata } from './strip-metadata.ts';

const SECRET = 'GPS 52.5291 13.4013, Kim';
const segment = (marker: number, content: string | Buffer) => {
  const bytes = Buffer.from(content as string, 'latin1');
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(bytes.length + 2, 2);
  return Buffer.concat([head, bytes]);
};
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const SOI = hex('ffd8');
const JFIF = segment(0xe0, 'JFIF\0\x01\x01\0\0\x01\0\x01\0\0');
const TABLE = segment(0xdb, 'table');
/** Stuffed bytes and restarts belong to the scan; a second scan follows, as in a progressive picture. */
const SCAN = Buffer.concat([segment(0xda, 'scan'), hex('12 ff00 34 ffd3 56'), TABLE, segment(0xda, 'more'), hex('78')]);
const EOI = hex('ffd9');
/** Little endian; the orientation between two others. */
const exif = (turn: number) =>
  segment(
    0xe1,
    Buffer.concat([
      Buffer.from('Exif\0\0II*\0', 'latin1'),
      hex('08000000 0300'),
      hex('0f01 0200 04000000 41424300'),
      hex(`1201 0300 01000000 0${turn}000000`),
      hex('2588 0400 01000000 00000000'),
      Buffer.from(SECRET),
    ]),
  );
const strip = (bytes: Buffer, type: Parameters<typeof stripMetadata>[1]) => Buffer.from(stripMetadata(bytes, type));

test('JPEG: EXIF, XMP, IPTC, comments, and what lies behind its end; the picture stays as it was', () => {
  const dirty = [SOI, JFIF, exif(1), segment(0xe1, `http://ns.adobe.com/xap/1.0/\0${SECRET}`), segment(0xed, SECRET)];
  const whole = Buffer.concat([...dirty, segment(0xfe, SECRET), TABLE, SCAN, EOI, Buffer.from(SECRET)]);
  expect(strip(whole, 'image/jpeg')).toEqual(Buffer.concat([SOI, JFIF, TABLE, SCAN, EOI]));
});

test('JPEG: the colour profile and how it is to be turned stay', () => {
  const profile = segment(0xe2, 'ICC_PROFILE\0\x01\x01colours');
  const clean = strip(Buffer.concat([SOI, exif(6), profile, segment(0xe2, `MPF\0${SECRET}`), SCAN, EOI]), 'image/jpeg');
  expect(clean.includes(SECRET)).toBe(false);
  expect(clean.includes(profile)).toBe(true);
  expect(strip(clean, 'image/jpeg')).toEqual(clean);
  expect(clean.subarray(2, 4)).toEqual(hex('ffe1'));
  expect(clean.subarray(22, 32)).toEqual(hex('0112 0003 00000001 0006'));
});

test('PNG: text, time and EXIF', () => {
  const chunk = (type: string, content: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return Buffer.concat([length, Buffer.from(type + content, 'latin1'), Buffer.from('crc!')]);
  };
  const head = hex('89504e470d0a1a0a');
  const [first, data, last] = [chunk('IHDR', 'size'), chunk('IDAT', 'picture'), chunk('IEND', '')];
  const text = ['tEXt', 'zTXt', 'iTXt', 'eXIf', 'tIME', 'prVt'].map((type) => chunk(type, SECRET));
  const whole = Buffer.concat([head, first, ...text, data, last, Buffer.from(SECRET)]);
  expect(strip(whole, 'image/png')).toEqual(Buffer.concat([head, first, data, last]));
});

test('WebP: EXIF and XMP, and the word that they are there', () => {
  const chunk = (type: string, content: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(content.length);
    return Buffer.concat([Buffer.from(type), length, content, Buffer.alloc(content.length % 2)]);
  };
  const riff = (...chunks: Buffer[]) => {
    const body = Buffer.concat([Buffer.from('WEBP'), ...chunks]);
    return chunk('RIFF', body);
  };
  const says = (flags: number) => chunk('VP8X', Buffer.from([flags, 0, 0, 0, 1, 0, 0, 1, 0, 0]));
  const picture = chunk('VP8 ', Buffer.from('odd'));
  const dirty = riff(says(0x1c), picture, chunk('EXIF', Buffer.from(SECRET)), chunk('XMP ', Buffer.from(SECRET)));
  expect(strip(dirty, 'image/webp')).toEqual(riff(says(0x10), picture));
});

test('whatever bytes come: it ends, and once is as good as twice', () => {
  const heads = { 'image/jpeg': SOI, 'image/png': hex('89504e470d0a1a0a'), 'image/webp': Buffer.from('RIFF0000WEBP') };
  const types = fc.constantFrom('image/jpeg' as const, 'image/png' as const, 'image/webp' as const);
  fc.assert(
    fc.property(types, fc.uint8Array({ maxLength: 300 }), (type, rest) => {
      const once = strip(Buffer.concat([heads[type], rest]), type);
      expect(strip(once, type)).toEqual(once);
    }),
    { numRuns: 500 },
  );
});
