/**
 * Applies an activation by its number. Exponents are kept where float32 has a value: WGSL may take infinity for anything.
 *
 * @see Eigen, `generic_fast_erf_float`: erf(x) as a quotient of polynomials, error below 3e-7.
 */
export const ACTIVATE: string = /* wgsl */ `
fn erf(value: vec4f) -> vec4f {
  let x = clamp(value, vec4f(-4), vec4f(4));
  let s = x * x;
  var above = vec4f(-2.72614225801306e-10);
  above = fma(above, s, vec4f(2.77068142495902e-8));
  above = fma(above, s, vec4f(-2.10102402082508e-6));
  above = fma(above, s, vec4f(-5.69250639462346e-5));
  above = fma(above, s, vec4f(-7.34990630326855e-4));
  above = fma(above, s, vec4f(-2.95459980854025e-3));
  above = fma(above, s, vec4f(-1.60960333262415e-2));
  var below = vec4f(-1.45660718464996e-5);
  below = fma(below, s, vec4f(-2.13374055278905e-4));
  below = fma(below, s, vec4f(-1.68282697438203e-3));
  below = fma(below, s, vec4f(-7.37332916720468e-3));
  below = fma(below, s, vec4f(-1.42647390514189e-2));
  return x * above / below;
}
fn sigmoid(x: vec4f) -> vec4f { return 1 / (1 + exp(clamp(-x, vec4f(-87), vec4f(87)))); }
fn activate(kind: u32, x: vec4f) -> vec4f {
  switch kind {
    case 1 { return 0.5 * x * (1 + erf(x * 0.7071067811865476)); }
    case 2 { return x * sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x)); }
    case 3 { return x * sigmoid(1.702 * x); }
    case 4 { return max(x, vec4f()); }
    case 5 { return x * sigmoid(x); }
    case 6 { return 2 * sigmoid(2 * x) - 1; }
    case 7 { return sigmoid(x); }
    default { return x; }
  }
}`
