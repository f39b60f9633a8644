// Sine and cosine at once, the same to the last bit with every C library.
//
// The angle is brought into [-pi/4, pi/4] by subtracting multiples of pi/2 that is held in two
// parts (Cody and Waite 1980); there the polynomials are those of fdlibm (Sun Microsystems 1993),
// exact to an ulp. Angles of joints are small; what is larger than kFar goes to the library.
#pragma once

#include <cmath>

namespace handloop {

struct SineCosine {
  double sine, cosine;
};

namespace detail {

inline double sine_of_small(double x) {
  const double z = x * x;
  const double tail = 8.33333333332248946124e-03 +
                      z * (-1.98412698298579493134e-04 +
                           z * (2.75573137070700676789e-06 + z * (-2.50507602534068634195e-08 +
                                                                  z * 1.58969099521155010221e-10)));
  return x + x * z * (-1.66666666666666324348e-01 + z * tail);
}

inline double cosine_of_small(double x) {
  const double z = x * x;
  const double tail =
      4.16666666666666019037e-02 +
      z * (-1.38888888888741095749e-03 +
           z * (2.48015872894767294178e-05 +
                z * (-2.75573143513906633035e-07 +
                     z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11))));
  return 1.0 - (0.5 * z - z * z * tail);
}

}  // namespace detail

inline SineCosine sine_cosine(double angle) {
  constexpr double kFar = 1e5;
  if (!(std::abs(angle) < kFar)) return {std::sin(angle), std::cos(angle)};
  constexpr double kHalfPi = 1.57079632673412561417e+00;      // its first 33 bits
  constexpr double kHalfPiRest = 6.07710050650619224932e-11;  // what follows
  const double turns = std::nearbyint(angle * 6.36619772367581382433e-01);
  const double rest = (angle - turns * kHalfPi) - turns * kHalfPiRest;
  const double sine = detail::sine_of_small(rest), cosine = detail::cosine_of_small(rest);
  const auto quarter = static_cast<unsigned>(static_cast<int>(turns)) % 4u;
  const bool swapped = quarter % 2 == 1;
  return {(quarter < 2 ? 1.0 : -1.0) * (swapped ? cosine : sine),
          (quarter == 1 || quarter == 2 ? -1.0 : 1.0) * (swapped ? sine : cosine)};
}

}  // namespace handloop
