// The samples that a tick is measured on: everything that can happen to a grasp, and worst first in
// mind. A run is one sequence, because a tick depends on those before it.
#pragma once

#include <cmath>
#include <string_view>
#include <vector>

#include "../tests/support.hpp"

namespace handloop::bench {

struct Problem {
  std::string_view phase;
  HandState sample;
  double now = 0.0;    // [s]
  bool reset = false;  // the controller, before this tick
};

// Makes the samples of one phase after the other, for any hand.
class CorpusWriter {
 public:
  explicit CorpusWriter(const HandModel& hand) : hand_(hand) {}

  std::vector<Problem> write() {
    phase("reach", 150, [](HandState&, int) {});
    phase("contact made", 50, [this](HandState& s, int k) { touch(s, k % 10 < 5 ? 0 : 2.0, 0.1); });
    phase("settle", 350, [this](HandState& s, int) { touch(s, 2.0, 0.5); });
    phase("hold", 400, [this](HandState& s, int) { touch(s, 3.0, 0.8); });
    phase("load step", 200, [this](HandState& s, int) { touch(s, 3.0, 2.2); });
    phase("contact lost", 100, [this](HandState& s, int k) {
      touch(s, 3.0, 1.0);
      s.contact[finger(k / 10 % hand_.finger_count)] = {};
    });
    phase("out of reach", 100, [this](HandState& s, int) { touch(s, 3.0, 12.0); });
    phase("degenerate", 100, [this](HandState& s, int k) {
      touch(s, 3.0, 0.5);
      for (FingerContact& contact : s.contact) {
        contact.normal = Vec3::UnitX();  // past each other
        contact.tangent = Vec3::UnitY();
      }
      for (int f = 1 + k / 50; f < hand_.finger_count; ++f) s.contact[finger(f)] = {};
    });
    phase("all contacts sliding", 150, [this](HandState& s, int) { touch(s, 3.0, 2.0, 0.03); });
    phase("all limits active", 100, [this](HandState& s, int k) {
      touch(s, 15.0, 8.0);
      s.q.array() += 0.018 * k;  // as fast as joints may go, to the end of their range
      s.dq.setConstant(k % 2 ? -50.0 : 50.0);
    });
    reset_next_ = true;
    phase("not a number", 40, [this](HandState& s, int k) {
      touch(s, 3.0, 1.0);
      s.q[k % hand_.joint_count] = k % 20 < 10 ? testing::kNan : 0.0;
    });
    reset_next_ = true;
    phase("stale", 60, [this](HandState& s, int k) {
      touch(s, 3.0, 1.0);
      if (k % 20 >= 16) s.time -= 0.03;
    });
    return std::move(problems_);
  }

 private:
  static std::size_t finger(int f) { return static_cast<std::size_t>(f); }

  template <typename Shape>
  void phase(std::string_view name, int ticks, Shape shape) {
    for (int k = 0; k < ticks; ++k) {
      const double now = testing::kPeriod * static_cast<double>(problems_.size());
      problems_.push_back({name, moving(now), now, reset_next_});
      shape(problems_.back().sample, k);
      reset_next_ = false;
    }
  }

  // Every joint on a sine of its own.
  HandState moving(double now) const {
    HandState s = testing::still(hand_.joint_count, now);
    for (Eigen::Index i = 0; i < s.q.size(); ++i) {
      const double rate = 3.0 + 0.2 * static_cast<double>(i);  // [rad/s]
      s.q[i] = 0.1 * std::sin(rate * now);
      s.dq[i] = 0.1 * rate * std::cos(rate * now);
    }
    return s;
  }

  void touch(HandState& s, double normal, double tangential, double slip_speed = 0.0) const {
    for (int f = 0; f < hand_.finger_count && normal > 0.0; ++f) {
      FingerContact& contact = s.contact[finger(f)];
      // No skin reads the same to the last bit for long; one that does is taken for frozen.
      const double shake = problems_.size() % 2 ? 1e-6 : 0.0;
      contact = testing::pressed(normal + 0.3 * f + shake, tangential, slip_speed);
      contact.position = {1e-3 * f, -1e-3, 2e-3};
    }
  }

  const HandModel& hand_;
  std::vector<Problem> problems_;
  bool reset_next_ = true;
};

inline std::vector<Problem> adversarial_corpus(const HandModel& hand) {
  return CorpusWriter(hand).write();
}

}  // namespace handloop::bench
