#include "handloop/bumpless.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::bumpless {
namespace {

double next(Bumpless& bumpless, double wanted) {
  JointVector torque = joints({wanted});
  bumpless.apply(torque);
  return torque[0];
}

TEST_CASE("as long as nothing changes, torques pass as they are") {
  Bumpless bumpless(0.1, kPeriod);
  for (const double torque : {0.0, 3.0, -2.0}) CHECK(next(bumpless, torque) == torque);
}

TEST_CASE("a change begins with the last torque and fades into the new law") {
  Bumpless bumpless(0.1, kPeriod);
  next(bumpless, 3.0);
  bumpless.change();
  CHECK(next(bumpless, 1.0) == 3.0);
  double torque = 0.0;
  for (int i = 0; i < 100; ++i) torque = next(bumpless, 1.0);
  CHECK(torque == doctest::Approx(1.0 + 2.0 * std::exp(-1.0)));
  for (int i = 0; i < 2000; ++i) torque = next(bumpless, 1.0);
  CHECK(torque == 1.0);  // and nothing is left of it
}

TEST_CASE("changes in the middle of a change add up to no jump either") {
  Bumpless bumpless(0.1, kPeriod);
  double last = next(bumpless, 5.0);
  for (int i = 0; i < 50; ++i) {
    if (i % 10 == 0) bumpless.change();
    const double torque = next(bumpless, i % 20 < 10 ? -1.0 : 2.0);
    CHECK(std::abs(torque - last) < 0.08);
    last = torque;
  }
}

TEST_CASE("after a reset nothing is left of the torque before") {
  Bumpless bumpless(0.1, kPeriod);
  next(bumpless, 5.0);
  bumpless.reset();
  bumpless.change();
  CHECK(next(bumpless, 1.0) == 1.0);
}

TEST_CASE("the first torque of all has nothing to begin with") {
  Bumpless bumpless(0.1, kPeriod);
  bumpless.change();
  CHECK(next(bumpless, 4.0) == 4.0);
  Bumpless at_once(0.0, kPeriod);
  next(at_once, 1.0);
  at_once.change();
  next(at_once, 2.0);
  CHECK(next(at_once, 2.0) == 2.0);
}

}  // namespace
}  // namespace handloop::testing::bumpless
