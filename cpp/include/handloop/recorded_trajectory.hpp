// A joint trajectory as somebody recorded it: straight lines between its postures, however many
// they are, constant before the first and after the last, or round and round.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include "handloop/types.hpp"

namespace handloop {

class RecordedTrajectory {
 public:
  static constexpr double kNever = std::numeric_limits<double>::infinity();

  // `postures` are one behind the other, `joint_count` numbers [rad] for each of `times` [s]. Behind
  // its end it goes on from `again_from` [s]; kNever: it stays there. Throws std::invalid_argument
  // for numbers that are not finite, times that do not increase, and a round that takes no time.
  RecordedTrajectory(std::vector<double> times, std::vector<double> postures, int joint_count,
                     double again_from = kNever)
      : times_(std::move(times)),
        postures_(std::move(postures)),
        joint_count_(joint_count),
        again_from_(again_from) {
    const auto finite = [](const std::vector<double>& numbers) {
      return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
    };
    if (times_.empty() || postures_.size() != times_.size() * static_cast<std::size_t>(joint_count))
      throw std::invalid_argument("a recording needs one posture per time, and at least one");
    if (!finite(times_) || !finite(postures_))
      throw std::invalid_argument("times and postures of a recording must be finite");
    if (std::adjacent_find(times_.begin(), times_.end(), std::greater_equal<>()) != times_.end())
      throw std::invalid_argument("times of a recording must increase");
    if (!(again_from == kNever || (again_from >= times_.front() && again_from < times_.back())))
      throw std::invalid_argument("a recording can go on only from a time within it");
  }

  int joint_count() const { return joint_count_; }

  // Posture at `time`.
  void sample(double time, JointVector& q) const {
    time = within(time);
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
  double within(double time) const {
    if (again_from_ == kNever || time < times_.back()) return time;
    return again_from_ + std::fmod(time - again_from_, times_.back() - again_from_);
  }

  Eigen::Map<const Eigen::VectorXd> posture(std::size_t i) const {
    return {postures_.data() + i * static_cast<std::size_t>(joint_count_), joint_count_};
  }

  std::vector<double> times_, postures_;
  int joint_count_;
  double again_from_;  // [s]
};

}  // namespace handloop
