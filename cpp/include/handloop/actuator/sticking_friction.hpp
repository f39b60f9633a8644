// How a solver of soft constraints holds a gear that sticks, without creep.
//
// MuJoCo's dry friction is a constraint of its solver, which knows all that pulls at the joint in
// this very step; so it neither chatters nor needs a small step. But it is soft: under a load it
// creeps, in proportion to what the constraint carries. So what it carried in a step that it held
// is taken from it in the next, as a torque that goes on, and nothing is left for it to creep
// under.
//
// While it holds, its bound is wide enough to take that torque back whichever way the load turns.
// A load that grows past the budget from one step to the next thus breaks loose a step later.
#pragma once

#include <cmath>

namespace handloop::actuator {

class StickingFriction {
 public:
  void reset(double budget) {
    carried_ = 0.0;
    bound_ = budget;
  }

  // After a step in which the constraint made a torque `row` [N m], for a next step in which
  // friction can take at most `budget` [N m].
  void update(double row, double budget) {
    const double sum = total(row);
    const bool held = std::abs(row) < bound_ && std::abs(sum) <= budget;
    carried_ = held ? sum : 0.0;
    bound_ = budget + std::abs(carried_);
  }

  double total(double row) const { return carried_ + row; }  // [N m], of the step that was
  double carried() const { return carried_; }                // [N m], of the next one
  double bound() const { return bound_; }                    // [N m], of the constraint in it

 private:
  double carried_ = 0.0, bound_ = 0.0;
};

}  // namespace handloop::actuator
