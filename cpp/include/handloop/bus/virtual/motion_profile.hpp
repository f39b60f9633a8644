// The trajectory a servo lays from one goal position to the next (e-Manual, "What is the Profile"):
// a step, or a speed of rectangular, triangular or trapezoidal shape.
//
// Units are those of a servo's clock and encoder: counts and milliseconds, one step each.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace handloop::bus::virtual_servo {

class MotionProfile {
 public:
  // As in bits 4 and 5 of moving_status.
  enum class Shape : std::uint8_t { kStep, kRectangle, kTriangle, kTrapezoid };

  void reset(double position) {
    position_ = goal_ = position;
    velocity_ = acceleration_ = 0.0;
    shape_ = Shape::kStep;
  }

  // From where it is; 0: no limit.
  void aim(double goal, double speed, double acceleration) {
    goal_ = goal;
    speed_ = speed;
    ramp_ = speed > 0.0 ? acceleration : 0.0;
    const double distance = std::abs(goal - position_);
    shape_ = speed <= 0.0                       ? Shape::kStep
             : ramp_ <= 0.0                     ? Shape::kRectangle
             : distance * ramp_ < speed * speed ? Shape::kTriangle
                                                : Shape::kTrapezoid;
  }
  // Within a given time [ms], speeding up and slowing down for `ramp` [ms] each.
  void aim_in_time(double goal, double time, double ramp) {
    const double up = std::min(ramp, 0.5 * time);
    const double speed = time > 0.0 ? std::abs(goal - position_) / (time - up) : 0.0;
    aim(goal, speed, up > 0.0 ? speed / up : 0.0);
  }

  void step() {
    const double before = velocity_, left = goal_ - position_;
    velocity_ = next_velocity(left);
    // The last step ends on the goal, however little of it is left.
    if (std::abs(velocity_) >= std::abs(left) && velocity_ * left >= 0.0) {
      position_ = goal_;
      velocity_ = 0.0;
    } else {
      position_ += velocity_;
    }
    acceleration_ = ramp_ > 0.0 ? velocity_ - before : 0.0;
  }

  double position() const { return position_; }          // [counts]
  double velocity() const { return velocity_; }          // [counts/ms]
  double acceleration() const { return acceleration_; }  // [counts/ms2]
  double goal() const { return goal_; }
  bool ongoing() const { return position_ != goal_; }
  Shape shape() const { return shape_; }

 private:
  double next_velocity(double left) const {
    if (speed_ <= 0.0) return left;
    double most = speed_;
    if (ramp_ > 0.0) {
      // From which it can still stop on the goal in steps of one millisecond.
      const double stops = std::sqrt(0.25 * ramp_ * ramp_ + 2.0 * ramp_ * std::abs(left));
      most = std::min(most, std::max(stops - 0.5 * ramp_, 0.25 * ramp_));
    }
    const double wanted = std::copysign(most, left);
    return ramp_ > 0.0 ? std::clamp(wanted, velocity_ - ramp_, velocity_ + ramp_) : wanted;
  }

  double position_ = 0.0, velocity_ = 0.0, acceleration_ = 0.0;
  double goal_ = 0.0, speed_ = 0.0, ramp_ = 0.0;
  Shape shape_ = Shape::kStep;
};

}  // namespace handloop::bus::virtual_servo
