#include "handloop/trajectory.hpp"

#include <doctest/doctest.h>

#include "handloop/recorded_trajectory.hpp"
#include "support.hpp"

namespace handloop::testing::trajectory {
namespace {

double at(const JointTrajectory& t, double time) {
  JointVector q;
  t.sample(time, q);
  return q[0];
}

TEST_CASE("a minimum-jerk path meets its waypoints at rest and never turns back") {
  JointTrajectory t;
  CHECK(t.empty());
  t.add(1.0, joints({0.5}));
  t.add(3.0, joints({1.5}));
  t.add(4.0, joints({-1.0}));
  CHECK_FALSE(t.empty());
  CHECK(at(t, 0.0) == 0.5);
  CHECK(at(t, 1.0) == 0.5);
  CHECK(at(t, 2.0) == doctest::Approx(1.0));
  CHECK(at(t, 3.0) == 1.5);
  CHECK(at(t, 9.0) == -1.0);
  double before = at(t, 1.0);
  for (double time = 1.0; time <= 3.0; time += 0.01) {
    CHECK(at(t, time) >= before);
    before = at(t, time);
  }
  // Position near a waypoint goes with the third power of time: neither speed nor acceleration.
  for (const double waypoint : {1.0, 3.0, 4.0}) {
    for (const double step : {-1e-3, 1e-3}) {
      CHECK(std::abs(at(t, waypoint + step) - at(t, waypoint)) < 40.0 * std::pow(1e-3, 3.0));
    }
  }
  // Flash and Hogan: the peak speed is 15/8 of the mean one.
  CHECK((at(t, 2.0 + 1e-6) - at(t, 2.0 - 1e-6)) / 2e-6 == doctest::Approx(0.5 * 15.0 / 8.0));
}

TEST_CASE("a trajectory refuses what cannot be followed") {
  JointTrajectory t;
  CHECK_THROWS_AS(t.add(kNan, joints({0.0})), std::invalid_argument);
  CHECK_THROWS_AS(t.add(0.0, joints({kNan})), std::invalid_argument);
  t.add(0.0, joints({0.0}));
  CHECK_THROWS_AS(t.add(0.0, joints({1.0})), std::invalid_argument);
  CHECK_THROWS_AS(t.add(-1.0, joints({1.0})), std::invalid_argument);
  CHECK_THROWS_AS(t.add(kNan, joints({1.0})), std::invalid_argument);
  CHECK_THROWS_AS(t.add(1.0, joints({1.0, 2.0})), std::invalid_argument);
  for (int i = 1; i < kMaxWaypoints; ++i) t.add(i, joints({0.0}));
  CHECK_THROWS_AS(t.add(kMaxWaypoints, joints({0.0})), std::invalid_argument);
}

TEST_CASE("a recording goes straight from posture to posture, and stays at its ends") {
  const RecordedTrajectory recording({1.0, 2.0, 4.0}, {0.0, 5.0, 1.0, 5.0, -1.0, 7.0}, 2);
  const auto at = [&](double time) {
    JointVector q;
    recording.sample(time, q);
    return q;
  };
  CHECK(at(0.0) == joints({0.0, 5.0}));
  CHECK(at(1.0) == joints({0.0, 5.0}));
  CHECK(at(1.25).isApprox(joints({0.25, 5.0})));
  CHECK(at(2.0) == joints({1.0, 5.0}));
  CHECK(at(3.0).isApprox(joints({0.0, 6.0})));
  CHECK(at(9.0) == joints({-1.0, 7.0}));
}

TEST_CASE("a recording refuses what cannot be followed") {
  using Numbers = std::vector<double>;
  const auto refused = [](Numbers times, Numbers postures) {
    CHECK_THROWS_AS(RecordedTrajectory(times, postures, 1), std::invalid_argument);
  };
  refused({}, {});
  refused({0.0, 1.0}, {0.0});
  refused({0.0, 0.0}, {0.0, 0.0});
  refused({0.0, kNan}, {0.0, 0.0});
  refused({0.0, 1.0}, {0.0, kNan});
}

}  // namespace
}  // namespace handloop::testing::trajectory
