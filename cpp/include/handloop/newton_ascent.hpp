// Two tools of Newton's method on a small concave function.
#pragma once

#include <algorithm>
#include <cmath>

namespace handloop {

// Solves h x = b in place for the leading `size` rows, from the lower triangle of a positive
// definite h: Cholesky's method in the form L D L^T. A direction of no curvature gets no step.
template <typename Matrix, typename Vector>
void solve_symmetric(Matrix h, int size, Vector& b) {
  Vector inverse;
  for (int j = 0; j < size; ++j) {
    inverse[j] = h(j, j) > 0.0 ? 1.0 / h(j, j) : 0.0;
    for (int i = j + 1; i < size; ++i) {
      const double factor = h(i, j) * inverse[j];
      for (int k = j + 1; k <= i; ++k) h(i, k) -= factor * h(k, j);
    }
    for (int i = j + 1; i < size; ++i) b[i] -= h(i, j) * inverse[j] * b[j];
  }
  for (int j = size - 1; j >= 0; --j) {
    double sum = b[j];
    for (int i = j + 1; i < size; ++i) sum -= h(i, j) * b[i];
    b[j] = sum * inverse[j];
  }
}

// Line search on a concave function by its slope alone, which is exact where the difference of two
// values has drowned in rounding: a whole step is taken unless it passes the top by far; else the
// secant of the slope leads back. `slope_at(t)` also moves there. Returns the steps tried.
template <typename SlopeAt>
int ascend(double slope, SlopeAt slope_at) {
  constexpr int kMaxTries = 14;
  constexpr double kOvershoot = 0.01, kLevel = 0.1;
  double low = 0.0, high = 1.0, slope_low = slope;
  double slope_high = slope_at(1.0);
  if (slope_high >= -kOvershoot * slope) return 1;
  for (int tries = 2; tries <= kMaxTries; ++tries) {
    const double width = high - low;
    const double secant = low + width * slope_low / (slope_low - slope_high);
    const double t = std::clamp(secant, low + 0.05 * width, high - 0.05 * width);
    const double here = slope_at(t);
    if (std::abs(here) <= kLevel * slope) return tries;
    // The end that stays counts half, else the secant crawls along a kink (Illinois method).
    (here > 0.0 ? slope_high : slope_low) *= 0.5;
    (here > 0.0 ? slope_low : slope_high) = here;
    (here > 0.0 ? low : high) = t;
  }
  return kMaxTries;
}

}  // namespace handloop
