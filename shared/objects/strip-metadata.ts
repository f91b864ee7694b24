/*
 * What a camera writes into a photograph besides the picture: where it was taken, when, by whose device. It is taken out
 * here, on the server, whoever uploads. The picture itself is neither decoded nor made anew. A walker of three formats'
 * segments and not a library: those without native code know one format each and are not kept up.
 */

/**
 * The same picture without what was written into it. How it is to be turned is kept, since that is part of the picture.
 * What ends in the middle of a segment is cut off there: nothing that was not looked at goes through.
 */
export function stripMetadata(bytes: Uint8Array, type: 'image/jpeg' | 'image/png' | 'image/webp'): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case 'image/jpeg':
      return stripJpeg(buffer);
    case 'image/png':
      return stripPng(buffer);
    case 'image/webp':
      return stripWebp(buffer);
  }
}

const [SOI, EOI, SOS, COM, APP0, APP1, APP2, APP14, APP15] = [0xd8, 0xd9, 0xda, 0xfe, 0xe0, 0xe1, 0xe2, 0xee, 0xef];
const END = Buffer.from([0xff, EOI]);

/** ITU-T T.81, annex B: markers, most with a length behind them; behind SOS the picture's own bytes. */
function stripJpeg(bytes: Buffer): Uint8Array {
  const kept: Buffer[] = [Buffer.from([0xff, SOI])];
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    // Behind the end some phones put more pictures, and films.
    if (marker === EOI) break;
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (end > bytes.length) break;
    const next = marker === SOS ? endOfScan(bytes, end) : end;
    if (isPicture(marker, bytes.subarray(at + 4, end))) kept.push(bytes.subarray(at, next));
    else if (marker === APP1) kept.push(...turnOf(bytes.subarray(at + 4, end)));
    at = next;
  }
  return Buffer.concat([...kept, END]);
}

/** JFIF, the colour profile and Adobe's word on colours are needed to show it; other applications' segments are not. */
function isPicture(marker: number, content: Buffer): boolean {
  if (marker === COM) return false;
  if (marker < APP0 || marker > APP15) return true;
  return (
    marker === APP0 || marker === APP14 || (marker === APP2 && content.toString('latin1', 0, 11) === 'ICC_PROFILE')
  );
}

/** Up to the next marker that is none of those within a scan (stuffed 00, restarts D0 to D7). */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next !== undefined && next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

const ORIENTATION = 0x0112;
const EXIF = 'Exif\0\0';

/** Of an EXIF segment: one that says how the picture is to be turned and nothing else; none where it is upright. */
function turnOf(content: Buffer): Buffer[] {
  const turn = content.toString('latin1', 0, EXIF.length) === EXIF ? orientationIn(content.subarray(EXIF.length)) : 1;
  if (turn < 2 || turn > 8) return [];
  const tiff = Buffer.from([
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    0x01,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    turn,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
  const segment = Buffer.concat([Buffer.from([0xff, APP1, 0, 0]), Buffer.from(EXIF, 'latin1'), tiff]);
  segment.writeUInt16BE(segment.length - 2, 2);
  return [segment];
}

/** TIFF 6.0: the byte order, the place of the first directory, its entries of 12 bytes each. */
function orientationIn(tiff: Buffer): number {
  if (tiff.length < 8) return 1;
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) return 1;
  for (let entry = 0, at = directory + 2; entry < short(directory) && at + 12 <= tiff.length; entry += 1, at += 12) {
    if (short(at) === ORIENTATION) return short(at + 8);
  }
  return 1;
}

const PNG_HEAD = 8;
const PNG_KEPT = new Set('IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs hIST acTL fcTL fdAT'.split(' '));

/** PNG: chunks of a length, a type, the content and a check value. Behind IEND there is nothing. */
function stripPng(bytes: Buffer): Uint8Array {
  const kept = [bytes.subarray(0, PNG_HEAD)];
  for (let at = PNG_HEAD; at + 12 <= bytes.length; ) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    if (PNG_KEPT.has(type)) kept.push(bytes.subarray(at, end));
    if (type === 'IEND') break;
    at = end;
  }
  return Buffer.concat(kept);
}

const WEBP_HEAD = 12;
const WEBP_KEPT = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
/** In VP8X: that there is EXIF (8), that there is XMP (4). */
const WEBP_SAYS = 0x0c;

/** RIFF: chunks of a type, a length and the content, padded to even lengths. */
function stripWebp(bytes: Buffer): Uint8Array {
  const kept = [Buffer.from(bytes.subarray(0, WEBP_HEAD))];
  for (let at = WEBP_HEAD; at + 8 <= bytes.length; ) {
    const type = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const end = at + 8 + size + (size % 2);
    if (end > bytes.length) break;
    const chunk = Buffer.from(bytes.subarray(at, end));
    if (type === 'VP8X' && size > 0) chunk[8] = chunk[8]! & ~WEBP_SAYS;
    if (WEBP_KEPT.has(type)) kept.push(chunk);
    at = end;
  }
  const whole = Buffer.concat(kept);
  if (whole.length >= WEBP_HEAD) whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
}
