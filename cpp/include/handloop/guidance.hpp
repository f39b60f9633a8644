// What somebody above the controller adds to it while it runs, such as a policy that is asked a few
// times a second: joints held elsewhere, a harder or a softer grip.
//
// It is told between ticks and moves there on a straight line, so that a source slower than the
// tick makes no steps.
#pragma once

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "handloop/types.hpp"

namespace handloop {

class Guidance {
 public:
  // No posture is led out of the range [low, high] of the joints.
  Guidance(const JointVector& low, const JointVector& high, double period)
      : low_(low), high_(high), period_(period) {
    reset();
  }

  void reset() {
    given_ = false;
    ticks_left_ = 0;
    offset_ = goal_ = JointVector::Zero(low_.size());
    grip_scale_ = grip_goal_ = 1.0;
  }

  // Reached `within` [s]. Throws std::invalid_argument for what cannot be followed.
  void set(const JointVector& offset, double grip_scale, double within) {
    if (offset.size() != low_.size() || !offset.allFinite())
      throw std::invalid_argument("the offset must be finite, with a number for every joint");
    if (!(grip_scale >= 0.0) || !std::isfinite(grip_scale))
      throw std::invalid_argument("the grip scale must be >= 0 and finite");
    if (!(within >= 0.0) || !(within <= kLongest))
      throw std::invalid_argument("guidance must be reached within 0 to 1000 s");
    given_ = true;
    goal_ = offset;
    grip_goal_ = grip_scale;
    ticks_left_ = std::max(std::lround(within / period_), 1L);
  }

  // One tick on the way.
  void move() {
    if (ticks_left_ == 0) return;
    const double part = 1.0 / static_cast<double>(ticks_left_);
    offset_ = ticks_left_ == 1 ? goal_ : offset_ + part * (goal_ - offset_);
    grip_scale_ = ticks_left_ == 1 ? grip_goal_ : grip_scale_ + part * (grip_goal_ - grip_scale_);
    --ticks_left_;
  }

  bool given() const { return given_; }
  double grip_scale() const { return grip_scale_; }  // on the grip level
  // Where the joints shall be held instead of `posture`; a joint without an offset stays there.
  void lead(const JointVector& posture, JointVector& led) const {
    led = posture;
    for (Eigen::Index i = 0; i < offset_.size(); ++i) {
      if (offset_[i] != 0.0) led[i] = std::clamp(posture[i] + offset_[i], low_[i], high_[i]);
    }
  }

 private:
  static constexpr double kLongest = 1000.0;  // [s]

  JointVector low_, high_;  // [rad]
  double period_;
  bool given_ = false;
  long ticks_left_ = 0;
  JointVector offset_, goal_;  // [rad]
  double grip_scale_ = 1.0, grip_goal_ = 1.0;
};

}  // namespace handloop
