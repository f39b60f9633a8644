// Notices a reading that stands still while the hand is told to change.
//
// A reading may rightly stay the same to the last bit: an encoder is coarse and a hand at rest is
// at rest. It is frozen only if it does so while what is asked of its joint or finger moves by a
// fair part of what that can do.
#pragma once

#include <algorithm>

#include "handloop/types.hpp"

namespace handloop {

// One reading, of `size` numbers, and the demand on whatever it measures.
template <int size>
class FrozenReading {
 public:
  using Reading = Eigen::Matrix<double, size, 1>;

  void reset() { known_ = false; }

  // How far the demand has moved since the reading last changed; 0 within the first `after` [s].
  double demand_unanswered(const Reading& reading, double demand, double now, double after) {
    if (!known_ || reading != reading_) {
      reading_ = reading;
      known_ = true;
      since_ = now;
      low_ = high_ = demand;
    }
    low_ = std::min(low_, demand);
    high_ = std::max(high_, demand);
    return now - since_ >= after ? high_ - low_ : 0.0;
  }

 private:
  Reading reading_ = Reading::Zero();
  double since_ = 0.0;  // [s], when the reading last changed
  double low_ = 0.0, high_ = 0.0;
  bool known_ = false;
};

}  // namespace handloop
