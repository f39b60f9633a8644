// What part of its torque a servo may still use when it is hot, or when its current runs away.
//
// Here and not in the controller: it guards one servo by that servo's own figures, whatever law
// drives it, and a simulated tick does not pay for it. What has to stop the whole hand is for
// safety.hpp, which sees the same temperatures and currents.
#pragma once

#include <algorithm>
#include <cmath>

namespace handloop::bus {

struct DeratingConfig {
  double full_until = 65.0;          // [deg C]; from there on less
  double half_at = 75.0;             // [deg C], on a straight line that goes on to nothing
  double over_current = 1.25;        // of a servo's current limit, which it cannot have been told
  double over_current_after = 0.05;  // [s], of that, until half is taken away
  double recovery = 1.0;             // [s], in which that half comes back
};

class Derating {
 public:
  Derating() = default;
  explicit Derating(const DeratingConfig& config) : config_(config) {}

  // Once a sample, `dt` [s] after the one before. A temperature [deg C] that is no number is not
  // known; a limit [A] of 0 is none.
  void feel(double current, double limit, double celsius, double dt) {
    if (std::isfinite(celsius)) {
      const double per_kelvin = 0.5 / (config_.half_at - config_.full_until);
      cool_ = std::clamp(1.0 - per_kelvin * (celsius - config_.full_until), 0.0, 1.0);
    }
    const bool over = limit > 0.0 && std::abs(current) > config_.over_current * limit;
    over_for_ = over ? over_for_ + dt : 0.0;
    calm_ = over_for_ > config_.over_current_after
                ? 0.5
                : std::min(calm_ + 0.5 * dt / config_.recovery, 1.0);
  }

  double allowance() const { return cool_ * calm_; }  // 0 to 1

 private:
  DeratingConfig config_;
  double cool_ = 1.0, calm_ = 1.0;
  double over_for_ = 0.0;  // [s]
};

}  // namespace handloop::bus
