// How much a solve may do. Work is counted, not timed: what a problem costs is the same on every
// machine, and so is where it stops.
#pragma once

#include <limits>

namespace handloop {

// One unit is what it takes to see the torque at one price (cone_section.hpp), about 20 ns.
struct WorkBudget {
  int most = std::numeric_limits<int>::max();
  int spent = 0;

  void spend(int work) { spent += work; }
  bool over() const { return spent >= most; }
};

}  // namespace handloop
