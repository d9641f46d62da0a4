/** The vector scaled to unit length; one that is all zero stays zero. Sums in double precision. */
export function scaleToUnit(vector: Float32Array | Float64Array): Float32Array {
  const length = lengthOf(vector);
  return length === 0 ? new Float32Array(vector.length) : Float32Array.from(vector, (value) => value / length);
}

/** Euclidean length. NaN when any entry is. */
export function lengthOf(vector: Float32Array | Float64Array): number {
  let squares = 0;
  for (const value of vector) squares += value * value;
  return Math.sqrt(squares);
}
