const valid = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * A call id that the API takes. Histories may hold ids of other providers, of any length and with
 * any characters; the same id always becomes the same.
 */
export function toolId(callId: string): string {
  if (valid.test(callId)) return callId;
  return `${callId.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 48)}_${fingerprint(callId)}`;
}

/** 64 bits of a text (FNV-1a) in base 36. */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  }
  return hash.toString(36);
}
