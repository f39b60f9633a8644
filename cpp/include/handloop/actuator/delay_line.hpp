// What comes out as many steps later as it went in.
#pragma once

#include <array>
#include <cstddef>

namespace handloop::actuator {

template <typename T>
class DelayLineOf {
 public:
  static constexpr int kMost = 63;  // [steps]

  explicit DelayLineOf(int steps) : steps_(static_cast<std::size_t>(steps)) {}

  // With what comes out first.
  void reset(const T& value = {}) {
    values_.fill(value);
    next_ = 0;
  }

  T pass(const T& value) {
    values_[next_] = value;
    const T late = values_[(next_ + kMost + 1 - steps_) % (kMost + 1)];
    next_ = (next_ + 1) % (kMost + 1);
    return late;
  }

 private:
  std::size_t steps_, next_ = 0;
  std::array<T, kMost + 1> values_{};
};

using DelayLine = DelayLineOf<double>;

}  // namespace handloop::actuator
