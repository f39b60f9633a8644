// What a log keeps of one tick: named columns, and a row of numbers for them.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "handloop/controller.hpp"

namespace handloop {

// A named run of columns.
struct Channel {
  std::string name;
  int begin = 0;
  int width = 0;
};

class TickRow {
 public:
  explicit TickRow(const Controller& controller)
      : joints_(controller.model().joint_count),
        actuators_(controller.actuator_count()),
        fingers_(controller.model().finger_count) {
    for (const char* name :
         {"time", "safety", "fault", "grip_level", "friction", "load", "slipping"}) {
      add(name, 1);
    }
    for (const char* name : {"q", "dq", "torque"}) add(name, joints_);
    add("effort", actuators_);
    effort_begin_ = width_ - actuators_;
    for (const char* name :
         {"normal_force", "tangential_force", "wanted_force", "slip_speed", "gripping"}) {
      add(name, fingers_);
    }
  }

  int width() const { return width_; }
  const std::vector<Channel>& channels() const { return channels_; }

  // Writes `width()` numbers.
  void write(const HandState& state, const HandCommand& command, const Controller& controller,
             double* row) const {
    double* out = row;
    *out++ = command.time;
    *out++ = static_cast<double>(controller.safety().state());
    *out++ = static_cast<double>(controller.safety().fault());
    *out++ = controller.grip().level();
    *out++ = controller.grip().friction();
    *out++ = controller.grip().load();
    *out++ = controller.grip().slipping();
    out = std::copy_n(state.q.data(), joints_, out);
    out = std::copy_n(state.dq.data(), joints_, out);
    out = std::copy_n(command.torque.data(), joints_, out);
    out = std::copy_n(command.effort.data(), actuators_, out);
    const auto per_finger = [this, &out](auto value) {
      for (int f = 0; f < fingers_; ++f) *out++ = value(f);
    };
    const ForceFeedback& felt = controller.force_feedback();
    per_finger([&](int f) { return felt.finger(f).normal; });
    per_finger([&](int f) { return felt.finger(f).tangential; });
    per_finger([&](int f) { return controller.wanted_force(f); });
    per_finger([&](int f) { return felt.finger(f).slip_speed; });
    per_finger([&](int f) { return controller.task().gripping(f); });
  }

  // What the motors were told in a row.
  void effort(const double* row, ActuatorVector& out) const {
    out = Eigen::Map<const Eigen::VectorXd>(row + effort_begin_, actuators_);
  }

 private:
  void add(const char* name, int size) {
    channels_.push_back({name, width_, size});
    width_ += size;
  }

  int joints_, actuators_, fingers_;
  int width_ = 0, effort_begin_ = 0;
  std::vector<Channel> channels_;
};

}  // namespace handloop
