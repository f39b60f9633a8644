// A joint trajectory as somebody recorded it: straight lines between its postures, however many
// they are, constant before the first and after the last.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "handloop/types.hpp"

namespace handloop {

class RecordedTrajectory {
 public:
  // `postures` are one behind the other, `joint_count` numbers [rad] for each of `times` [s].
  // Throws std::invalid_argument for numbers that are not finite, and times that do not increase.
  RecordedTrajectory(std::vector<double> times, std::vector<double> postures, int joint_count)
      : times_(std::move(times)), postures_(std::move(postures)), joint_count_(joint_count) {
    const auto finite = [](const std::vector<double>& numbers) {
      return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
    };
    if (times_.empty() || postures_.size() != times_.size() * static_cast<std::size_t>(joint_count))
      throw std::invalid_argument("a recording needs one posture per time, and at least one");
    if (!finite(times_) || !finite(postures_))
      throw std::invalid_argument("times and postures of a recording must be finite");
    if (std::adjacent_find(times_.begin(), times_.end(), std::greater_equal<>()) != times_.end())
      throw std::invalid_argument("times of a recording must increase");
  }

  int joint_count() const { return joint_count_; }

  // Posture at `time`.
  void sample(double time, JointVector& q) const {
    const auto next = std::upper_bound(times_.begin(), times_.end(), time);
    const auto after = static_cast<std::size_t>(next - times_.begin());
    if (after == 0 || after == times_.size()) {
      q = posture(after == 0 ? 0 : after - 1);
      return;
    }
    const double s = (time - times_[after - 1]) / (times_[after] - times_[after - 1]);
    q = (1.0 - s) * posture(after - 1) + s * posture(after);
  }

 private:
  Eigen::Map<const Eigen::VectorXd> posture(std::size_t i) const {
    return {postures_.data() + i * static_cast<std::size_t>(joint_count_), joint_count_};
  }

  std::vector<double> times_, postures_;
  int joint_count_;
};

}  // namespace handloop
