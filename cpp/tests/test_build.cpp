// What the build promises to every other file.

#include <doctest/doctest.h>
#include <mujoco/mujoco.h>

TEST_CASE("the library that is linked belongs to the headers") {
  CHECK(mj_version() == mjVERSION_HEADER);
}

TEST_CASE("multiply and add are rounded separately") {
  // (1 + e)^2 = 1 + 2e + e^2: e^2 is lost when the product is rounded, and kept when it is fused.
  const volatile double e = 0x1p-30;
  const double x = 1.0 + e;
  CHECK(x * x - (1.0 + 2.0 * e) == 0.0);
}
