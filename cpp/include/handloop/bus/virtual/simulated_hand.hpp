// The hand in MuJoCo behind virtual servos, in place of one inertia for each: what their motors do
// goes to the actuators of its joints, and where its joints are is what their encoders see.
//
// The servos of a line take a share each, and all lines turn the same hand: it moves on when the
// last of them has had its millisecond, so every servo of a step has seen the same hand.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "handloop/bus/virtual/virtual_bus.hpp"
#include "handloop/sim_plant.hpp"

namespace handloop::bus::virtual_servo {

// Which joint of the hand a servo turns; its shaft stands at ratio q + zero [rad].
struct JointShaft {
  int joint = 0;
  double ratio = 1.0, zero = 0.0;
};

class SimulatedHand {
 public:
  // The plant is ticked once a millisecond, has data and a motor for every joint, and outlives the
  // hand. Until begin() the hand stands still.
  explicit SimulatedHand(SimPlant& plant) : plant_(plant) {
    constexpr double kStep = 1e-9 * static_cast<double>(VirtualBus::kStep);
    if (std::abs(plant.control_period() - kStep) > 1e-9) {
      throw std::invalid_argument(
          "a hand behind virtual servos is simulated millisecond by "
          "millisecond; its plant's control period must be 0.001 s");
    }
    if (plant.motor_count() != plant.joint_count()) {
      throw std::invalid_argument("a hand behind virtual servos has one motor per joint");
    }
    plant.check_ready();
    command_.effort.setZero(plant.joint_count());
    plant_.read(state_);
  }

  // What the servos of one line turn. Throws std::invalid_argument where there is no such joint.
  std::unique_ptr<Mechanics> share(std::vector<JointShaft> shafts) {
    for (const JointShaft& shaft : shafts) {
      if (shaft.joint < 0 || shaft.joint >= plant_.joint_count()) {
        throw std::invalid_argument("the hand has no joint " + std::to_string(shaft.joint));
      }
      if (shaft.ratio == 0.0) throw std::invalid_argument("the ratio of a shaft must not be 0");
    }
    ++shares_;
    return std::make_unique<Share>(*this, std::move(shafts));
  }

  void begin() { moves_ = true; }
  // False once the simulation can no longer go on.
  bool sound() const { return sound_; }
  // What the fingertips feel, as late and as noisy as the plant's sensors are.
  const PerFinger<FingerContact>& touch() const { return state_.contact; }
  // Called after every millisecond of the hand.
  void watch(std::function<void()> watcher) { watcher_ = std::move(watcher); }
  SimPlant& plant() { return plant_; }

 private:
  class Share final : public Mechanics {
   public:
    Share(SimulatedHand& hand, std::vector<JointShaft> shafts)
        : hand_(hand), shafts_(std::move(shafts)) {}

    std::size_t size() const override { return shafts_.size(); }
    void step(double dt, std::span<const double> torque, std::span<Shaft> shafts) override {
      for (std::size_t i = 0; i < shafts_.size(); ++i) {
        const JointShaft& s = shafts_[i];
        if (dt > 0.0) hand_.command_.effort[s.joint] = s.ratio * torque[i];
        const double place = s.ratio * hand_.plant_.position(s.joint) + s.zero;
        shafts[i] = {place, s.ratio * hand_.plant_.velocity(s.joint), place};
      }
      if (dt > 0.0) hand_.one_stepped();
    }
    void jam(std::size_t servo, bool jammed) override {
      hand_.plant_.jam(shafts_[servo].joint, jammed);
    }

   private:
    SimulatedHand& hand_;
    std::vector<JointShaft> shafts_;
  };

  void one_stepped() {
    if (++stepped_ < shares_) return;
    stepped_ = 0;
    if (!moves_ || !sound_) return;
    plant_.write(command_);
    sound_ = plant_.advance();
    plant_.read(state_);
    if (watcher_) watcher_();
  }

  SimPlant& plant_;
  HandCommand command_;
  HandState state_;  // newest sample of the plant's sensors
  std::function<void()> watcher_;
  int shares_ = 0, stepped_ = 0;
  bool moves_ = false, sound_ = true;
};

}  // namespace handloop::bus::virtual_servo
