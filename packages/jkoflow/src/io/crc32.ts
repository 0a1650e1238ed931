/** CRC-32 of ISO 3309 (the one of zip, gzip and PNG): polynomial edb88320, reflected. */

/** Updates a checksum by `bytes`; start from 0. Unsigned 32-bit. */
export function crc32(bytes: Uint8Array, start: number = 0, table: Uint32Array = crcTable()): number {
  let crc = ~start;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The remainders of all bytes; to be made once for a run of updates. */
export function crcTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
    return crc;
  });
}
