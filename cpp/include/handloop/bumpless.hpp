// Changing from one law to another without a jump in torque.
//
// What the new law asks for differs from what the old one asked for last; that difference is added
// and fades away (bumpless transfer: Hanus, Kinnaert and Henrotte 1987, in its simplest form).
#pragma once

#include <cmath>

#include "handloop/types.hpp"

namespace handloop {

class Bumpless {
 public:
  // `fade_time` [s]: time constant; a difference is below 1 % after 4.6 of them.
  Bumpless(double fade_time, double period)
      : keep_(fade_time > 0.0 ? std::exp(-period / fade_time) : 0.0) {}

  // Forgets the last torque, too: what a hand did before a stop must not come back after it.
  void reset() {
    fading_ = switched_ = false;
    last_.resize(0);
  }

  // The law changed: the next torque shall equal the last one.
  void change() { switched_ = true; }

  // Turns what the present law asks for into what is to be done.
  void apply(JointVector& torque) {
    if (switched_ && last_.size() == torque.size()) {
      difference_ = last_ - torque;
      fading_ = true;
    } else if (fading_) {
      difference_ *= keep_;
      fading_ = difference_.cwiseAbs().maxCoeff() > kNothing;
    }
    if (fading_) torque += difference_;
    switched_ = false;
    last_ = torque;
  }

 private:
  static constexpr double kNothing = 1e-6;  // [N m]

  double keep_;
  JointVector last_, difference_;
  bool switched_ = false, fading_ = false;
};

}  // namespace handloop
