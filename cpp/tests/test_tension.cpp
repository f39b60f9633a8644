#include "handloop/tension.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::tension {
namespace {

constexpr double kMin = 2.0, kMax = 200.0;  // [N]

EffortBounds bounds(Eigen::Index tendons) {
  return {ActuatorVector::Constant(tendons, kMin), ActuatorVector::Constant(tendons, kMin),
          ActuatorVector::Constant(tendons, kMax)};
}

// Two tendons against each other on every joint, with arms across the other joints, too.
PullMatrix finger(Random& random, Eigen::Index joint_count) {
  PullMatrix pull(joint_count, 2 * joint_count);
  for (Eigen::Index j = 0; j < joint_count; ++j) {
    for (Eigen::Index i = 0; i < 2 * joint_count; ++i) pull(j, i) = 0.002 * random.normal();
    pull(j, 2 * j) += 0.008;
    pull(j, 2 * j + 1) -= 0.008;
  }
  return pull;
}

// The multipliers that the conditions of the optimum ask for, from the efforts within their bounds.
void check_optimal(const PullMatrix& pull, const ActuatorVector& effort) {
  std::vector<Eigen::Index> free;
  for (Eigen::Index i = 0; i < effort.size(); ++i) {
    if (effort[i] > kMin + 1e-6 && effort[i] < kMax - 1e-6) free.push_back(i);
  }
  if (static_cast<Eigen::Index>(free.size()) < pull.rows()) return;  // they are not unique
  const Eigen::MatrixXd columns = pull(Eigen::all, free).transpose();
  const Eigen::VectorXd offset = effort(free).array() - kMin;
  const Eigen::VectorXd multiplier = columns.colPivHouseholderQr().solve(offset);
  CHECK((columns * multiplier - offset).norm() < 1e-4);
  const Eigen::VectorXd wish = (pull.transpose() * multiplier).array() + kMin;
  for (Eigen::Index i = 0; i < effort.size(); ++i) {
    if (effort[i] <= kMin + 1e-6) CHECK(wish[i] <= kMin + 1e-3);
    if (effort[i] >= kMax - 1e-6) CHECK(wish[i] >= kMax - 1e-3);
  }
}

TEST_CASE("within reach: the wanted torque, within bounds, nearest to rest") {
  Random random(1);
  for (Eigen::Index n = 1; n <= 6; ++n) {
    TensionSolver solver(bounds(2 * n), n);
    for (int i = 0; i < 200; ++i) {
      const PullMatrix pull = finger(random, n);
      ActuatorVector some(2 * n);
      for (double& t : some) t = kMin + (kMax - kMin) * random.uniform() * random.uniform();
      const JointVector torque = pull * some;
      const ActuatorVector& effort = solver.solve(pull, torque);
      CHECK(solver.reached());
      CHECK((pull * effort - torque).norm() < 1e-5);
      CHECK(effort.minCoeff() >= kMin);
      CHECK(effort.maxCoeff() <= kMax);
      CHECK((effort.array() - kMin).matrix().norm() <=
            (some.array() - kMin).matrix().norm() + 1e-6);
      check_optimal(pull, effort);
    }
  }
}

TEST_CASE("without a torque to give, tendons rest") {
  Random random(2);
  TensionSolver solver(bounds(8), 4);
  PullMatrix pull(4, 8);
  for (Eigen::Index j = 0; j < 4; ++j) pull.row(j).setZero();
  for (Eigen::Index j = 0; j < 4; ++j) pull(j, 2 * j) = 0.01, pull(j, 2 * j + 1) = -0.01;
  CHECK(solver.solve(pull, JointVector::Zero(4)).isConstant(kMin));
  CHECK(solver.steps() == 0);
}

TEST_CASE("out of reach: flagged, and no small change of the efforts comes nearer") {
  Random random(3);
  TensionSolver solver(bounds(8), 4);
  for (int i = 0; i < 200; ++i) {
    const PullMatrix pull = finger(random, 4);
    const JointVector torque = random_joints(random, 4, 5.0);  // 1.6 N m is the most per joint
    const ActuatorVector effort = solver.solve(pull, torque);
    if (solver.reached()) continue;
    CHECK(effort.minCoeff() >= kMin);
    CHECK(effort.maxCoeff() <= kMax);
    const JointVector missing = torque - pull * effort;
    for (Eigen::Index t = 0; t < 8; ++t) {
      const double gain = pull.col(t).dot(missing);
      if (effort[t] < kMax - 1e-6) CHECK(gain < 1e-6);
      if (effort[t] > kMin + 1e-6) CHECK(gain > -1e-6);
    }
  }
}

TEST_CASE("the solution does not depend on what was solved before") {
  Random random(4);
  TensionSolver warm(bounds(10), 5);
  int steps = 0;
  for (int i = 0; i < 300; ++i) {
    const PullMatrix pull = finger(random, 5);
    const JointVector torque = random_joints(random, 5, i % 7 == 0 ? 3.0 : 0.3);
    TensionSolver cold(bounds(10), 5);
    const ActuatorVector& effort = warm.solve(pull, torque);
    CHECK((effort - cold.solve(pull, torque)).norm() < 1e-4);
    CHECK(warm.reached() == cold.reached());
    steps = std::max({steps, warm.steps(), cold.steps()});
  }
  CHECK(steps < 40);
}

TEST_CASE("a small change of the torque takes one step from the last solution") {
  Random random(5);
  TensionSolver solver(bounds(8), 4);
  const PullMatrix pull = finger(random, 4);
  JointVector torque = random_joints(random, 4, 0.2);
  solver.solve(pull, torque);
  int most = 0;
  for (int i = 0; i < 100; ++i) {
    torque[i % 4] += 1e-5;
    solver.solve(pull, torque);
    most = std::max(most, solver.steps());
  }
  CHECK(most <= 3);
}

TEST_CASE("a motor that pushes and pulls is a special case") {
  EffortBounds both{ActuatorVector::Constant(1, -8.0), ActuatorVector::Zero(1),
                    ActuatorVector::Constant(1, 8.0)};
  TensionSolver solver(both, 1);
  const PullMatrix pull = PullMatrix::Ones(1, 1);
  CHECK(solver.solve(pull, joints({-3.0}))[0] == doctest::Approx(-3.0));
  CHECK(solver.reached());
  CHECK(solver.solve(pull, joints({9.0}))[0] == doctest::Approx(8.0));
  CHECK_FALSE(solver.reached());
}

}  // namespace
}  // namespace handloop::testing::tension
