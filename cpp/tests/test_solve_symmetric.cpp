#include "handloop/solve_symmetric.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::solve_symmetric {
namespace {

TEST_CASE("what is solved solves, and the upper triangle is not looked at") {
  Random random(21);
  for (int i = 0; i < 50; ++i) {
    Mat3 root;
    for (int k = 0; k < 3; ++k) root.col(k) = random_vector(random);
    const Mat3 h = root * root.transpose() + 0.1 * Mat3::Identity();
    Mat3 lower = h;
    lower.triangularView<Eigen::StrictlyUpper>().setConstant(kNan);
    const Vec3 b = random_vector(random);
    Vec3 x = b;
    handloop::solve_symmetric<3>(lower, x);
    CHECK((h * x - b).norm() <= 1e-10 * (1.0 + x.norm()));
  }
}

TEST_CASE("a direction of no curvature gets no step") {
  const Mat3 h = Vec3(2.0, 0.0, 4.0).asDiagonal();
  Vec3 x(1.0, 5.0, 2.0);
  handloop::solve_symmetric<3>(h, x);
  CHECK(x == Vec3(0.5, 0.0, 0.5));
}

}  // namespace
}  // namespace handloop::testing::solve_symmetric
