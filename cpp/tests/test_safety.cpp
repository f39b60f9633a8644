#include "handloop/safety.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::safety {
namespace {

using State = SafetyState;

struct Bench {
  explicit Bench(double step = kPeriod) : period(step) {}

  double period;  // [s]
  SafetyConfig config = config_for(pinch_hand()).safety;
  Safety safety{config, period};
  double now = 1.0;

  HandState good() const { return still(2, now); }
  HandState broken() const {
    HandState s = good();
    s.q[1] = kNan;
    return s;
  }
  // Time passes; true while the sample may be used.
  bool pass(const HandState& sample) {
    const bool usable = safety.inspect(sample, now);
    now += period;
    return usable;
  }
  void break_for(double seconds) {
    for (const double end = now + seconds; now < end - 0.5 * period;) pass(broken());
  }
  void expect(State state, Fault fault, int index = -1) const {
    CHECK(safety.state() == state);
    CHECK(safety.fault() == fault);
    CHECK(safety.index() == index);
  }
};

TEST_CASE("good samples are used and change nothing") {
  Bench bench;
  for (int i = 0; i < 10; ++i) CHECK(bench.pass(bench.good()));
  bench.expect(State::kOk, Fault::kNone);
  CHECK(bench.safety.torque_allowed());
}

TEST_CASE("a short gap degrades and recovers") {
  Bench bench;
  bench.pass(bench.good());
  CHECK_FALSE(bench.pass(bench.broken()));
  bench.expect(State::kDegraded, Fault::kNotANumber);
  CHECK(bench.safety.torque_allowed());
  CHECK(bench.pass(bench.good()));
  bench.expect(State::kOk, Fault::kNone);
}

TEST_CASE("a longer gap holds, a long one goes limp, and none comes back by itself") {
  Bench bench;
  bench.pass(bench.good());
  bench.break_for(0.01);
  bench.expect(State::kHold, Fault::kNotANumber);
  CHECK(bench.safety.torque_allowed());
  CHECK(bench.pass(bench.good()));  // seen, but not trusted any more
  bench.expect(State::kHold, Fault::kNotANumber);
  bench.break_for(0.2);
  bench.expect(State::kLimp, Fault::kNotANumber);
  CHECK_FALSE(bench.safety.torque_allowed());
  bench.pass(bench.good());
  bench.expect(State::kLimp, Fault::kNotANumber);
  bench.safety.reset();
  bench.expect(State::kOk, Fault::kNone);
}

TEST_CASE("without a single good sample there is nothing to hold") {
  Bench bench;
  CHECK_FALSE(bench.pass(bench.broken()));
  bench.expect(State::kLimp, Fault::kNotANumber);
}

TEST_CASE("every reading that is no number is a fault") {
  const auto faulty = [](auto spoil) {
    Bench bench;
    bench.pass(bench.good());
    HandState sample = bench.good();
    spoil(sample);
    CHECK_FALSE(bench.pass(sample));
    bench.expect(State::kDegraded, Fault::kNotANumber);
  };
  faulty([](HandState& s) { s.q[0] = kInfinity; });
  faulty([](HandState& s) { s.dq[1] = kNan; });
  faulty([](HandState& s) { s.time = kNan; });
  faulty([](HandState& s) { s.contact[0].force.x() = kNan; });
  faulty([](HandState& s) { s.contact[1].position.y() = -kInfinity; });
  faulty([](HandState& s) { s.contact[2].normal.z() = kNan; });
  faulty([](HandState& s) { s.contact[3].tangent.x() = kNan; });
  faulty([](HandState& s) { s.contact[4].slip_speed = kInfinity; });
  faulty([](HandState& s) { s.q.resize(1); });
}

TEST_CASE("a sample from the past or the future is stale") {
  for (const double age : {0.021, -0.021}) {
    Bench bench;
    bench.pass(bench.good());
    HandState sample = bench.good();
    sample.time -= age;
    CHECK_FALSE(bench.pass(sample));
    bench.expect(State::kDegraded, Fault::kStale);
  }
}

TEST_CASE("a sample that is too late to damp on is used, and that shows") {
  Bench bench;
  HandState sample = bench.good();
  sample.time -= 0.9 * bench.config.hold_after;
  CHECK(bench.safety.damps(sample, bench.now));
  CHECK(bench.pass(sample));
  bench.expect(State::kOk, Fault::kNone);
  for (int i = 0; i < 300; ++i) {
    sample = bench.good();
    sample.time -= 0.9 * bench.config.stale_after;
    CHECK_FALSE(bench.safety.damps(sample, bench.now));
    CHECK(bench.pass(sample));
    bench.expect(State::kDegraded, Fault::kStale);
  }
  CHECK(bench.pass(bench.good()));
  bench.expect(State::kOk, Fault::kNone);
}

TEST_CASE("a clock that is no number ends limp") {
  Bench bench;
  bench.pass(bench.good());
  CHECK_FALSE(bench.safety.inspect(bench.good(), kNan));
  bench.expect(State::kLimp, Fault::kStale);
}

TEST_CASE("a joint beyond its range holds and is named, and its reading is used") {
  Bench bench;
  HandState sample = bench.good();
  sample.q[1] = 2.05;  // within the margin
  CHECK(bench.pass(sample));
  bench.expect(State::kOk, Fault::kNone);
  sample.q[1] = 2.15;
  sample.time = bench.now;
  CHECK(bench.pass(sample));
  bench.expect(State::kHold, Fault::kJointLimit, 1);
}

TEST_CASE("a joint that is too fast holds, and one that stays so goes limp") {
  Bench bench;
  for (int i = 0; i < 60; ++i) {
    HandState sample = bench.good();
    sample.dq[0] = -61.0;
    CHECK(bench.pass(sample));
    bench.expect(State::kHold, Fault::kOverSpeed, 0);
  }
  for (int i = 0; i < 60; ++i) {
    HandState sample = bench.good();
    sample.dq[0] = -61.0;
    bench.pass(sample);
  }
  bench.expect(State::kLimp, Fault::kOverSpeed, 0);
}

TEST_CASE("a joint that runs away goes limp beyond its range, too") {
  Bench bench;
  for (int i = 0; i < 150; ++i) {
    HandState sample = bench.good();
    sample.q[0] = 5.0;
    sample.dq[1] = 1000.0;
    bench.pass(sample);
  }
  bench.expect(State::kLimp, Fault::kOverSpeed, 1);
}

TEST_CASE("a joint that shakes goes limp, though it is slow now and then") {
  Bench bench;
  for (int i = 0; i < 150; ++i) {
    HandState sample = bench.good();
    sample.dq[0] = i % 20 == 0 ? 0.0 : 1000.0;
    bench.pass(sample);
  }
  bench.expect(State::kLimp, Fault::kOverSpeed, 0);
}

TEST_CASE("one fast sample only holds") {
  Bench bench;
  HandState sample = bench.good();
  sample.dq[0] = 1000.0;
  bench.pass(sample);
  for (int i = 0; i < 500; ++i) bench.pass(bench.good());
  bench.expect(State::kHold, Fault::kOverSpeed, 0);
}

TEST_CASE("the first reason that left DEGRADED is kept, with its joint") {
  Bench bench;
  bench.pass(bench.good());
  bench.pass(bench.broken());
  HandState sample = bench.good();
  sample.dq[0] = 100.0;
  bench.pass(sample);
  bench.expect(State::kHold, Fault::kOverSpeed, 0);
  bench.break_for(0.2);
  bench.expect(State::kLimp, Fault::kOverSpeed, 0);
  bench.safety.request_stop();
  bench.expect(State::kStopped, Fault::kOverSpeed, 0);
}

TEST_CASE("a stop on request says so and is final") {
  Bench bench;
  bench.safety.request_stop();
  bench.expect(State::kStopped, Fault::kStopRequested);
  bench.pass(bench.good());
  bench.break_for(0.2);
  bench.expect(State::kStopped, Fault::kStopRequested);
  CHECK_FALSE(bench.safety.torque_allowed());
}

TEST_CASE(
    "a joint that jumps is not believed; it holds, then goes limp, but one glitch is survived") {
  Bench bench;
  bench.pass(bench.good());
  HandState sample = bench.good();
  sample.q[1] = 0.17;  // 60 rad/s for 1 ms are 0.06 rad, 0.1 rad are allowed on top
  CHECK_FALSE(bench.pass(sample));
  bench.expect(State::kDegraded, Fault::kPositionJump, 1);
  sample = bench.good();
  sample.q[1] = 0.15;
  CHECK(bench.pass(sample));
  bench.expect(State::kOk, Fault::kNone);
  for (int i = 0; i < 150; ++i) {
    sample = bench.good();
    sample.q[1] = -0.2;
    CHECK_FALSE(bench.pass(sample));
    if (i == 10) bench.expect(State::kHold, Fault::kPositionJump, 1);
  }
  bench.expect(State::kLimp, Fault::kPositionJump, 1);
}

// Runs 0.2 s in which joint 0 is asked for a torque that grows to `torque` and finger 0 for a force
// that grows to `force`, while readings change by themselves or stand still.
Bench drive(double torque, double force, bool joint_moves, bool finger_feels, double q = 0.0) {
  Bench bench;
  for (int i = 0; i < 200; ++i) {
    HandState sample = bench.good();
    sample.q = joints({q + (joint_moves ? 1e-6 * i : 0.0), 0.0});
    sample.contact[0] = pressed(1.0 + (finger_feels ? 1e-6 * i : 0.0));
    bench.safety.inspect(sample, bench.now);
    PerFinger<double> wanted{};
    wanted[0] = force * i / 200;
    bench.safety.watch_for_frozen_sensors(sample, joints({torque * i / 200, 0.0}), wanted,
                                          bench.now);
    bench.now += kPeriod;
  }
  return bench;
}

TEST_CASE("a joint that stands still to the last bit while it is driven is frozen") {
  drive(4.0, 0.0, false, true).expect(State::kHold, Fault::kFrozenSensor, 0);
  drive(4.0, 0.0, true, true).expect(State::kOk, Fault::kNone);
  drive(2.0, 0.0, false, true).expect(State::kOk, Fault::kNone);       // 0.3 of 8 N m are 2.4
  drive(4.0, 0.0, false, true, 2.0).expect(State::kOk, Fault::kNone);  // at the end of its range
}

TEST_CASE("a touch that stands still to the last bit while more force is wanted is frozen") {
  drive(0.0, 3.0, true, false).expect(State::kHold, Fault::kFrozenSensor, 0);
  drive(0.0, 3.0, true, true).expect(State::kOk, Fault::kNone);
  drive(0.0, 1.0, true, false).expect(State::kOk, Fault::kNone);
}

TEST_CASE("a finger that crushes holds, then goes limp; an impact does neither") {
  Bench bench;
  const auto press = [&bench](double force, int ticks) {
    for (int i = 0; i < ticks; ++i) {
      HandState sample = bench.good();
      sample.contact[1] = pressed(force);
      CHECK(bench.pass(sample));
    }
  };
  press(70.0, 4);
  press(10.0, 20);
  bench.expect(State::kOk, Fault::kNone);
  press(70.0, 10);
  bench.expect(State::kHold, Fault::kOverForce, 1);
  press(70.0, 100);
  bench.expect(State::kLimp, Fault::kOverForce, 1);
}

TEST_CASE("a crush and a joint that runs away are told at any rate of ticks") {
  for (const double period : {0.001, 0.01, 0.06}) {
    const auto after = [period](double seconds, auto spoil) {
      Bench bench(period);
      const double end = bench.now + seconds;
      while (bench.now < end) {
        HandState sample = bench.good();
        spoil(sample);
        bench.pass(sample);
      }
      return bench.safety;
    };
    const auto crush = [](HandState& s) { s.contact[1] = pressed(70.0); };
    const auto run = [](HandState& s) { s.dq[0] = 1000.0; };
    CHECK(after(0.5 * period, crush).state() == State::kOk);
    CHECK(after(0.09, crush).fault() == Fault::kOverForce);
    CHECK(after(0.09, crush).state() == State::kHold);
    CHECK(after(0.25, crush).state() == State::kLimp);
    CHECK(after(0.25, run).state() == State::kLimp);
  }
}

TEST_CASE("a hot motor holds, a hotter one goes limp") {
  Bench bench;
  HandState sample = bench.good();
  sample.temperature = joints({20.0, 74.0, 76.0});
  bench.pass(sample);
  bench.expect(State::kHold, Fault::kOverTemperature, 2);
  sample = bench.good();
  sample.temperature = joints({20.0, 20.0, 86.0});
  bench.pass(sample);
  bench.expect(State::kLimp, Fault::kOverTemperature, 2);
}

TEST_CASE("a current that runs away holds, and one that goes on goes limp") {
  Bench bench;
  bench.config.current_max = joints({1.0, 1.0});
  bench.safety = Safety(bench.config, bench.period);
  const auto draw = [&](double amps, double seconds) {
    for (const double end = bench.now + seconds; bench.now < end - 0.5 * bench.period;) {
      HandState sample = bench.good();
      sample.current = joints({0.1, amps});
      bench.pass(sample);
    }
  };
  draw(-1.5, 0.15);
  draw(0.9, 0.02);
  draw(1.5, 0.15);
  bench.expect(State::kOk, Fault::kNone);
  draw(1.5, 0.06);
  bench.expect(State::kHold, Fault::kOverCurrent, 1);
  draw(1.5, 0.31);
  bench.expect(State::kLimp, Fault::kOverCurrent, 1);
}

TEST_CASE("without limits no current is too much") {
  Bench bench;
  HandState sample = bench.good();
  for (int i = 0; i < 1000; ++i) {
    sample = bench.good();
    sample.current = joints({1e3, -1e3});
    bench.pass(sample);
  }
  bench.expect(State::kOk, Fault::kNone);
}

TEST_CASE("a few long ticks are nothing, several in a row hold") {
  Bench bench;
  for (int i = 0; i < 12; ++i) bench.safety.report_duration(i % 4 != 3);
  bench.expect(State::kOk, Fault::kNone);
  for (int i = 0; i < 4; ++i) bench.safety.report_duration(true);
  bench.expect(State::kHold, Fault::kLawTooLong);
}

TEST_CASE("the button stops at once") {
  Bench bench;
  HandState sample = bench.good();
  sample.emergency_stop = true;
  bench.pass(sample);
  bench.expect(State::kStopped, Fault::kEmergencyStop);
  CHECK_FALSE(bench.safety.torque_allowed());
}

TEST_CASE("torque is clamped, zero where none is allowed, and no number ends limp") {
  Bench bench;
  JointVector torque = joints({100.0, -100.0});
  bench.safety.limit(torque);
  CHECK((torque - joints({8.0, -8.0})).norm() == 0.0);
  torque = joints({1.0, -2.0});
  bench.safety.limit(torque);
  CHECK((torque - joints({1.0, -2.0})).norm() == 0.0);
  for (const double bad : {kNan, kInfinity, -kInfinity}) {
    Bench other;
    torque = joints({bad, 1.0});
    other.safety.limit(torque);
    CHECK(torque.norm() == 0.0);
    other.expect(State::kLimp, Fault::kTorqueNotANumber);
  }
  bench.safety.request_stop();
  torque = joints({1.0, 1.0});
  bench.safety.limit(torque);
  CHECK(torque.norm() == 0.0);
}

}  // namespace
}  // namespace handloop::testing::safety
