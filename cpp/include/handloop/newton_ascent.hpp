// The line search of Newton's method on a small concave function.
#pragma once

#include <algorithm>
#include <cmath>

#include "handloop/work_budget.hpp"

namespace handloop {

// Where a line search ended: after a step, or stopped on the way, with the climb begun and the step
// to try first when it goes on.
struct Ascent {
  bool stopped = false;
  double step = 0.0, next_try = 1.0;
};

// Line search on a concave function by its slope alone, which is exact where the difference of two
// values has drowned in rounding: a whole step is taken unless it passes the top by far; else the
// secant of the slope leads back. `slope_at(t)` also moves there. `first`: the step to try first,
// less than a whole one where that is known to go too far.
template <typename SlopeAt>
Ascent ascend(double slope, double first, const WorkBudget& work, SlopeAt slope_at) {
  constexpr int kMaxTries = 14;
  constexpr double kOvershoot = 0.01, kLevel = 0.1, kStretch = 10.0;
  double low = 0.0, slope_low = slope, high = 0.0, slope_high = 0.0, t = first;
  for (int tries = 1; tries <= kMaxTries; ++tries) {
    const double here = slope_at(t);
    // What was seen last may be half the truth; where not even the first try was to be had, a
    // shorter one is.
    if (work.over()) return {true, low, tries == 1 ? 0.5 * t : t - low};
    if (t == 1.0 && here >= -kOvershoot * slope) break;
    if (t < 1.0 && std::abs(here) <= kLevel * slope) break;
    // The end that stays counts half, else the secant crawls along a kink (Illinois method).
    if (high > 0.0) (here > 0.0 ? slope_high : slope_low) *= 0.5;
    (here > 0.0 ? slope_low : slope_high) = here;
    (here > 0.0 ? low : high) = t;
    if (high > 0.0) {
      const double width = high - low;
      const double secant = low + width * slope_low / (slope_low - slope_high);
      t = std::clamp(secant, low + 0.05 * width, high - 0.05 * width);
    } else {
      t = std::min(1.0, kStretch * t);
    }
  }
  return {};
}

}  // namespace handloop
