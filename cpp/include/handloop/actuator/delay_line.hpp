// A number that comes out as many steps later as it went in.
#pragma once

#include <array>
#include <cstddef>

namespace handloop::actuator {

class DelayLine {
 public:
  static constexpr int kMost = 63;  // [steps]

  explicit DelayLine(int steps) : steps_(static_cast<std::size_t>(steps)) {}

  void reset() {
    values_.fill(0.0);
    next_ = 0;
  }

  double pass(double value) {
    values_[next_] = value;
    const double late = values_[(next_ + kMost + 1 - steps_) % (kMost + 1)];
    next_ = (next_ + 1) % (kMost + 1);
    return late;
  }

 private:
  std::size_t steps_, next_ = 0;
  std::array<double, kMost + 1> values_{};
};

}  // namespace handloop::actuator
