#include "handloop/friction_belief.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::friction_belief {
namespace {

FingerForce felt(double ratio, bool slips) {
  FingerForce finger;
  finger.touching = true;
  finger.normal = 2.0;
  finger.tangential = 2.0 * ratio;
  finger.slip_speed = slips ? 0.02 : 0.0;
  return finger;
}

struct Bench {
  FrictionBelief belief{FrictionConfig(), kPeriod};

  void feel(double ratio, bool slips, int ticks) {
    for (int i = 0; i < ticks; ++i) belief.update(felt(ratio, slips));
  }
};

TEST_CASE("load alone teaches nothing") {
  Bench bench;
  bench.feel(0.5, false, 200);
  CHECK(bench.belief.value() == FrictionConfig().initial);
  CHECK(bench.belief.slips() == 0);
}

TEST_CASE("the first slip is believed, within a reflex") {
  Bench bench;
  bench.feel(0.6, false, 100);
  bench.feel(0.6, true, 10);
  CHECK(bench.belief.slipping());
  CHECK(bench.belief.value() == doctest::Approx(0.6).epsilon(0.01));
  bench.feel(0.3, false, 100);  // once it holds, less load does not mean less friction
  CHECK(bench.belief.value() == doctest::Approx(0.6).epsilon(0.01));
}

TEST_CASE("later slips move the belief by a part") {
  Bench bench;
  bench.feel(0.6, true, 60);
  bench.feel(0.1, false, 200);
  bench.feel(0.4, true, 60);
  CHECK(bench.belief.slips() == 2);
  CHECK(bench.belief.value() == doctest::Approx(0.6 + 0.3 * (0.4 - 0.6)).epsilon(0.01));
}

TEST_CASE("no reading is below what can be, and none counts in a light touch") {
  Bench bench;
  bench.feel(0.01, true, 60);
  CHECK(bench.belief.value() == doctest::Approx(FrictionConfig().smallest));
  bench.belief.reset();
  FingerForce light = felt(0.5, true);
  light.normal = 0.3;
  for (int i = 0; i < 100; ++i) bench.belief.update(light);
  CHECK(bench.belief.slips() == 0);
}

}  // namespace
}  // namespace handloop::testing::friction_belief
