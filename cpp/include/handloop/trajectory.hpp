// A joint trajectory through waypoints, at rest in each: minimum jerk between neighbours
// (Flash and Hogan 1985), constant before the first and after the last.
#pragma once

#include <array>
#include <cmath>
#include <stdexcept>

#include "handloop/types.hpp"

namespace handloop {

inline constexpr int kMaxWaypoints = 32;

// Part of the way at part `s` of the time.
inline double minimum_jerk(double s) { return s * s * s * (10.0 + s * (-15.0 + 6.0 * s)); }

class JointTrajectory {
 public:
  // Throws std::invalid_argument when full, when time does not increase, and for a posture that is
  // not finite or of another size than the first.
  void add(double time, const JointVector& q) {
    if (count_ == kMaxWaypoints)
      throw std::invalid_argument("a trajectory has at most 32 waypoints");
    if (!std::isfinite(time) || (count_ > 0 && time <= time_[last()])) {
      throw std::invalid_argument("waypoint times must increase");
    }
    if (!q.allFinite() || (count_ > 0 && q.size() != q_[0].size())) {
      throw std::invalid_argument("waypoints must be finite and of one size");
    }
    time_[static_cast<std::size_t>(count_)] = time;
    q_[static_cast<std::size_t>(count_)] = q;
    ++count_;
  }

  bool empty() const { return count_ == 0; }

  // Posture at `time`; must not be empty.
  void sample(double time, JointVector& q) const {
    std::size_t next = 0;
    while (next < static_cast<std::size_t>(count_) && time_[next] <= time) ++next;
    if (next == 0) {
      q = q_[0];
    } else if (next == static_cast<std::size_t>(count_)) {
      q = q_[last()];
    } else {
      const double s = (time - time_[next - 1]) / (time_[next] - time_[next - 1]);
      q = q_[next - 1] + minimum_jerk(s) * (q_[next] - q_[next - 1]);
    }
  }

 private:
  std::size_t last() const { return static_cast<std::size_t>(count_ - 1); }

  int count_ = 0;
  std::array<double, kMaxWaypoints> time_{};
  std::array<JointVector, kMaxWaypoints> q_{};
};

}  // namespace handloop
