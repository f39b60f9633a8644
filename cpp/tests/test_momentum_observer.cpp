// The momentum observer against dynamics that are known.

#include "handloop/momentum_observer.hpp"

#include <doctest/doctest.h>

#include <Eigen/Cholesky>

#include "support.hpp"

namespace handloop::testing::momentum_observer {
namespace {

// A random hand under random torques and a known external torque, integrated in fine steps.
struct Flight {
  HandModel model = random_hand(21);
  HandKinematics hand{model};
  HandState state = still(9, 0.0);
  JointVector external = JointVector::Zero(9);
  MomentumObserver observer;

  explicit Flight(const MomentumObserverConfig& config) : observer(config, 9) {}

  void tick(const JointVector& motor) {
    constexpr int kFine = 20;
    for (int k = 0; k < kFine; ++k) {
      hand.update_position(state.q);
      const JointVector torque = motor + external - hand.bias_torque(state.dq);
      const Eigen::MatrixXd inertia = hand.joint_inertia();
      const Eigen::VectorXd acceleration = inertia.llt().solve(Eigen::VectorXd(torque));
      state.dq += kPeriod / kFine * acceleration;
      state.q += kPeriod / kFine * state.dq;
    }
    state.time += kPeriod;
    hand.update_position(state.q);
    observer.update(hand, state, motor, nullptr);
  }
};

TEST_CASE("the observer finds a constant external torque in free flight") {
  Flight flight({});
  Random random(22);
  flight.external = random_joints(random, 9, 0.05);
  flight.hand.update_position(flight.state.q);
  flight.observer.update(flight.hand, flight.state, JointVector::Zero(9), nullptr);
  for (int i = 0; i < 60; ++i) flight.tick(flight.hand.gravity_torque());
  CHECK(flight.state.dq.norm() > 0.5);  // it flies, so Coriolis torques count
  CHECK((flight.observer.external_torque() - flight.external).norm() <
        0.02 * flight.external.norm());
}

TEST_CASE("the estimate rises like a first-order filter of its bandwidth") {
  MomentumObserverConfig config;
  config.bandwidth = 50.0;
  Flight flight(config);
  flight.hand.update_position(flight.state.q);
  flight.observer.update(flight.hand, flight.state, JointVector::Zero(9), nullptr);
  flight.external[4] = 0.02;
  for (int i = 1; i <= 60; ++i) {
    flight.tick(flight.hand.gravity_torque());
    if (i % 20) continue;
    const double expected = 0.02 * (1.0 - std::exp(-50.0 * kPeriod * i));
    CHECK(flight.observer.external_torque()[4] == doctest::Approx(expected).epsilon(0.05));
  }
}

TEST_CASE("identified friction is not taken for the world") {
  HandKinematics hand(pinch_hand());
  MomentumObserver observer({}, 2);
  std::array<Friction, kMaxJoints> friction{};
  friction[0].coulomb = 0.3;
  friction[0].viscous = 0.5;
  HandState state = still(2, 0.0);
  const JointVector pull = joints({1.0, 0.0});
  for (int i = 0; i < 100; ++i) {
    hand.update_position(state.q);
    observer.update(hand, state, pull, friction.data());
    state.dq[0] += kPeriod * (1.0 - 0.3 - 0.5 * state.dq[0]) / 0.1;  // a mass of 0.1 kg
    state.q[0] += kPeriod * state.dq[0];
    state.time += kPeriod;
  }
  CHECK(observer.sliding_sign()[0] == 1.0);
  CHECK(std::abs(observer.external_torque()[0]) < 0.01);
}

TEST_CASE("the direction of friction outlasts the motion, noise and all") {
  SlidingSign sign;
  sign.reset(0.0);
  CHECK(sign.update(0.001, 0.004) == doctest::Approx(0.25));
  CHECK(sign.update(0.1, 0.004) == 1.0);
  CHECK(sign.update(0.0998, 0.004) == doctest::Approx(0.95));  // trembles, does not turn
  CHECK(sign.update(0.1, 0.004) == 1.0);
  CHECK(sign.update(0.09, 0.004) == -1.0);
}

TEST_CASE("an old sample changes nothing, a long gap starts the observer anew") {
  Flight flight({});
  flight.external[2] = 0.05;
  flight.observer.update(flight.hand, flight.state, JointVector::Zero(9), nullptr);
  for (int i = 0; i < 30; ++i) flight.tick(flight.hand.gravity_torque());
  const JointVector felt = flight.observer.external_torque();
  CHECK(felt.norm() > 0.01);
  flight.observer.update(flight.hand, flight.state, JointVector::Zero(9), nullptr);
  CHECK((flight.observer.external_torque() - felt).norm() == 0.0);
  flight.state.time += 1.0;
  flight.observer.update(flight.hand, flight.state, JointVector::Zero(9), nullptr);
  CHECK(flight.observer.external_torque().norm() == 0.0);
}

}  // namespace
}  // namespace handloop::testing::momentum_observer
